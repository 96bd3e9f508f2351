-- Brings an end or a renewal back that a new master does not know.
--
-- KEYS[1]  the key
-- ARGV[1]  the tombstone, or the alias
-- ARGV[2]  how long it is kept, in milliseconds
--
-- Answers 1 if something had to be done. A tombstone stays. An alias replaces nothing but a record, or an alias to the
-- same key by somebody who only heard of the renewal and so did not know the sealed token.

local head = redis.call('GETRANGE', KEYS[1], 0, 52)
local kind = string.sub(head, 1, 1)
if kind == 'T' then return 0 end
if string.sub(ARGV[1], 1, 1) == 'A' and kind ~= 'R' then
  local knows_more = kind == 'A'
    and string.byte(head, 2) == 0
    and string.byte(ARGV[1], 2) == 1
    and string.sub(head, 36) == string.sub(ARGV[1], 36, 53)
  if not knows_more then return 0 end
end
if redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]).err then redis.call('DEL', KEYS[1]) end
return 1
