-- Moves the idle deadline of a live record later, never past its absolute end.
--
-- KEYS[1]  the record's key
-- ARGV[1]  the offered deadline
-- ARGV[2]  the idle length that it was reckoned with, or ''
--
-- Answers 1 if the deadline was moved, otherwise 0.

-- @use time
-- @use head

local head = redis.call('GETRANGE', KEYS[1], 0, 48)
if string.sub(head, 1, 1) ~= 'R' then return 0 end
local createdAt, life, idle, kept = struct.unpack('>I6I5I5I6', head, 28)
if kept <= time() then return 0 end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= idle then return 0 end
local deadline = math.min(tonumber(ARGV[1]), createdAt + life)
if deadline <= kept then return 0 end
-- In this order: a full Redis refuses SETRANGE, but not to a script that has written before.
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', deadline + RETENTION))
redis.call('SETRANGE', KEYS[1], 43, struct.pack('>I6', deadline))
return 1
