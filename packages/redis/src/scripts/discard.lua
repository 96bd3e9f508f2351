-- Takes back the pending record of a renewal that was refused.
--
-- KEYS[1]  the new key
-- ARGV[1]  commit id, packed
--
-- Answers how many were taken back.

-- @use head

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if string.sub(head, 1, 1) == 'P' and has_commit(head, ARGV[1]) then return redis.call('DEL', KEYS[1]) end
return 0
