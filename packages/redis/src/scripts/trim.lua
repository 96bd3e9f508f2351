-- Lets an alias go sooner, never later.
--
-- KEYS[1]  the old key
-- ARGV[1]  until when it is kept
--
-- Answers 1 if it goes sooner now, otherwise 0.

-- @use time

if redis.call('GETRANGE', KEYS[1], 0, 0) ~= 'A' then return 0 end
if tonumber(ARGV[1]) - time() >= redis.call('PTTL', KEYS[1]) then return 0 end
return redis.call('PEXPIREAT', KEYS[1], ARGV[1])
