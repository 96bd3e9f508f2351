-- Brings an end or a renewal back that a new master does not know.
--
-- KEYS[1]  the key
-- ARGV[1]  the tombstone, or the alias
-- ARGV[2]  how long it is kept, in milliseconds
--
-- Answers 1 if something had to be done. A tombstone stays; an alias replaces nothing but a record.

local kind = redis.call('GETRANGE', KEYS[1], 0, 0)
if kind == 'T' or (string.sub(ARGV[1], 1, 1) == 'A' and kind ~= 'R') then return 0 end
if redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]).err then redis.call('DEL', KEYS[1]) end
return 1
