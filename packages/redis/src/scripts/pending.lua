-- First step of a renewal whose keys lie in different slots: keeps the record under its new key as pending, which is
-- valid only once the old key has become an alias that leads here.
--
-- KEYS[1]  the new key
-- ARGV[1]  commit id, packed
-- ARGV[2]  the pending record
-- ARGV[3]  how long it is kept, in milliseconds
--
-- Answers the key and 1: kept, or was by the same commit · 3: exists.

-- @use head

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if head == '' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { KEYS[1], 1 }
end
local kind = string.sub(head, 1, 1)
local is_mine = (kind == 'P' or kind == 'R') and has_commit(head, ARGV[1])
return { KEYS[1], is_mine and 1 or 3 }
