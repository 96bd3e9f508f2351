-- Ends the grace of an alias sooner. Like any other it stays for a minute after that; never longer than it would have.
--
-- KEYS[1]  the old key
-- ARGV[1]  when the grace ends
--
-- Answers 1 if it goes sooner now, otherwise 0.

-- @use time

if redis.call('GETRANGE', KEYS[1], 0, 0) ~= 'A' then return 0 end
local now = time()
local goneAt = math.max(now, tonumber(ARGV[1])) + 60000
if goneAt - now >= redis.call('PTTL', KEYS[1]) then return 0 end
return redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', goneAt))
