-- Second step of a renewal whose keys lie in different slots, and the one that decides: turns a live record that still
-- has the expected revision into the alias.
--
-- KEYS[1]  the old key
-- ARGV[1]  commit id, packed
-- ARGV[2]  expected revision, packed
-- ARGV[3]  the alias; the deadline that the session goes on with is written into it
-- ARGV[4]  how long the alias is kept, in milliseconds
-- ARGV[5]  idle length, packed
-- ARGV[6]  offered idle deadline
-- ARGV[7]  absolute end
--
-- Answers the old key and 1 with the alias, and the header as it was: renewed · 2: absent · 0 with what lies there:
-- conflict, moved, ended.

-- @use time
-- @use head

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
local kind = string.sub(head, 1, 1)
if head == '' then return { KEYS[1], 2 } end
if kind == 'A' and string.sub(head, 15, 23) == ARGV[1] then return { KEYS[1], 1, redis.call('GET', KEYS[1]) } end
if kind ~= 'R' then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
if idle_until(head) <= time() then return { KEYS[1], 2 } end
if string.sub(head, 22, 27) ~= ARGV[2] then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
local deadline = tonumber(ARGV[6])
if string.sub(head, 39, 43) == ARGV[5] then deadline = math.max(deadline, idle_until(head)) end
deadline = math.min(deadline, tonumber(ARGV[7]))
local alias = string.sub(ARGV[3], 1, 29) .. struct.pack('>I6', deadline) .. string.sub(ARGV[3], 36)
redis.call('SET', KEYS[1], alias, 'PX', ARGV[4])
return { KEYS[1], 1, alias, head }
