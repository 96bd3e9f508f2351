-- Keeps a new record under a free key.
--
-- KEYS[1]  the record's key
-- KEYS[2]  optional: the index of its subject
-- ARGV[1]  commit id, stamp and record, as one
-- ARGV[2]  with KEYS[2]: member of the index
-- ARGV[3]  with KEYS[2]: absolute end
--
-- Answers the key and 1: created · 3: exists · 0 with what lies there: ended.

-- @use time
-- @use head
-- @use keep
-- @use index
-- @use call

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if head ~= '' then
  tell(false)
  local kind = string.sub(head, 1, 1)
  if kind == 'T' then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
  if kind == 'R' and has_commit(head, commit) then return { KEYS[1], 1 } end
  return { KEYS[1], 3 }
end
if KEYS[2] then add_to_index(KEYS[2], ARGV[2], ARGV[3]) end
local kept = keep(KEYS[1], value)
if kept.err then
  tell(false)
  return kept
end
tell(true)
return { KEYS[1], 1 }
