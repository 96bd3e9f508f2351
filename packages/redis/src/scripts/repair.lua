-- Closes a key under which an index has a member and nothing lies, so that a create which is on its way draws another.
--
-- KEYS[1]  the record's key
-- ARGV[1]  the tombstone
-- ARGV[2]  how long it is kept, in milliseconds
--
-- Answers 1 if the key was closed, 0 if something lies there after all.

return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
