-- Replaces a live record that still has the expected revision. Never creates.
--
-- KEYS[1]  the record's key
-- KEYS[2]  optional: the index of its subject
-- ARGV[1]  commit id, expected revision, whether the index has been told already, stamp and record, as one
-- ARGV[2]  with KEYS[2]: member of the index
-- ARGV[3]  with KEYS[2]: absolute end
--
-- Answers the key and 1: updated · 2: absent · 0 with what lies there: conflict, moved, ended ·
-- 4: nothing was changed, since the index must be told too, and its key was not given.

-- @use time
-- @use head
-- @use keep
-- @use index
-- @use call

local subject = struct.unpack('>I2', value, 50)
local head = redis.call('GETRANGE', KEYS[1], 0, HEAD + subject - 1)

local function refuse(code, with)
  tell(false)
  return { KEYS[1], code, with }
end

local function subject_of(record)
  local size = struct.unpack('>I2', record, 50)
  local at = 52 + 9 * math.floor(string.byte(record, 3) / 16)
  return size, string.sub(record, at, at + size - 1)
end

-- Whether the index knows the record by the same subject, name and age, and until the same end.
local function is_indexed_alike()
  local size, text = subject_of(head)
  local new_size, new_text = subject_of(value)
  return size == new_size
    and text == new_text
    and string.sub(head, 10, 21) == string.sub(value, 10, 21)
    and string.sub(head, 28, 38) == string.sub(value, 28, 38)
end

if head == '' then return refuse(2) end
if string.sub(head, 1, 1) ~= 'R' then return refuse(0, redis.call('GET', KEYS[1])) end
if has_commit(head, commit) then return refuse(1) end
if idle_until(head) <= time() then return refuse(2) end
if string.sub(head, 22, 27) ~= string.sub(ARGV[1], 10, 15) then return refuse(0, redis.call('GET', KEYS[1])) end
if subject > 0 and string.byte(ARGV[1], 16) == 0 and not is_indexed_alike() then
  if not KEYS[2] then return refuse(4) end
  add_to_index(KEYS[2], ARGV[2], ARGV[3])
end
local kept = keep(KEYS[1], value, head)
if kept.err then
  tell(false)
  return kept
end
tell(true)
return { KEYS[1], 1 }
