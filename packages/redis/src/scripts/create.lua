-- Keeps a new record under a free key.
--
-- KEYS[1]  the record's key
-- KEYS[2]  optional: the index of its subject
-- ARGV[1]  commit id, packed
-- ARGV[2]  the record
-- ARGV[3]  channel of the change feed, or ''
-- ARGV[4]  stamp of the message
-- ARGV[5]  news
-- ARGV[6]  with KEYS[2]: member of the index
-- ARGV[7]  with KEYS[2]: absolute end
--
-- Answers the key and 1: created · 3: exists · 0 with what lies there: ended.

-- @use time
-- @use head
-- @use keep
-- @use index
-- @use tell

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if head ~= '' then
  tell(ARGV[3], ARGV[4], '-')
  local kind = string.sub(head, 1, 1)
  if kind == 'T' then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
  if kind == 'R' and has_commit(head, ARGV[1]) then return { KEYS[1], 1 } end
  return { KEYS[1], 3 }
end
if KEYS[2] then add_to_index(KEYS[2], ARGV[6], ARGV[7]) end
local kept = keep(KEYS[1], ARGV[2])
if kept.err then
  tell(ARGV[3], ARGV[4], '-')
  return kept
end
tell(ARGV[3], ARGV[4], ARGV[5])
return { KEYS[1], 1 }
