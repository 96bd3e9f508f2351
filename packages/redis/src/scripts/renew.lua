-- Moves a live record that still has the expected revision to another key, as one step: the record under the new key,
-- the alias under the old one. For a single node only, since the keys lie in different slots.
--
-- KEYS[1]  the old key
-- KEYS[2]  the new key
-- KEYS[3]  optional: the index of its subject
-- ARGV[1]  commit id, packed
-- ARGV[2]  the record under its new key
-- ARGV[3]  channel of the change feed, or ''
-- ARGV[4]  stamp of the message
-- ARGV[5]  news
-- ARGV[6]  expected revision, packed
-- ARGV[7]  the alias
-- ARGV[8]  how long the alias is kept, in milliseconds
-- ARGV[9]  with KEYS[3]: member of the index
-- ARGV[10] with KEYS[3]: absolute end
--
-- Answers the old key and 1: renewed, with the header as it was · 2: absent · 3: the new key is in use ·
-- 0 with what lies there: conflict, moved, ended.

-- @use time
-- @use head
-- @use keep
-- @use index
-- @use tell

local function refuse(code, with)
  tell(ARGV[3], ARGV[4], '-')
  return { KEYS[1], code, with }
end

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
local kind = string.sub(head, 1, 1)
if head == '' then return refuse(2) end
if kind == 'A' and string.sub(head, 15, 23) == ARGV[1] then return refuse(1) end
if kind ~= 'R' then return refuse(0, redis.call('GET', KEYS[1])) end
if idle_until(head) <= time() then return refuse(2) end
if string.sub(head, 22, 27) ~= ARGV[6] then return refuse(0, redis.call('GET', KEYS[1])) end
if redis.call('EXISTS', KEYS[2]) == 1 then return refuse(3) end
if KEYS[3] then add_to_index(KEYS[3], ARGV[9], ARGV[10]) end
local kept = keep(KEYS[2], ARGV[2], head)
if kept.err then
  tell(ARGV[3], ARGV[4], '-')
  return kept
end
-- The record stands, so a full Redis no longer refuses the alias.
redis.call('SET', KEYS[1], ARGV[7], 'PX', ARGV[8])
tell(ARGV[3], ARGV[4], ARGV[5])
return { KEYS[1], 1, head }
