-- Lays a tombstone, also where nothing was. An alias is left alone until the session that it leads to has been ended.
--
-- KEYS[1]  the key
-- ARGV[1]  commit id, packed
-- ARGV[2]  the tombstone, with its flags still without "a live session was ended here"
-- ARGV[3]  channel of the change feed, or ''
-- ARGV[4]  stamp of the message
-- ARGV[5]  news
-- ARGV[6]  '': an alias is left alone · '0', '1': it is closed, and its session was (1) alive or not
-- ARGV[7]  how long the tombstone is kept, in milliseconds
--
-- Answers the key and 1: ended · 2: absent, with the header of the record that lay there, or else with the tombstone
-- that lay there already · 0 with an alias, or with a record that is not confirmed yet.

-- @use time
-- @use head
-- @use tell

local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
local kind = string.sub(head, 1, 1)
if (kind == 'A' or kind == 'P') and ARGV[6] == '' then
  tell(ARGV[3], ARGV[4], '-')
  return { KEYS[1], 0, redis.call('GET', KEYS[1]) }
end
if kind == 'T' then
  tell(ARGV[3], ARGV[4], '-')
  local is_mine = string.sub(head, 15, 23) == ARGV[1] and string.byte(head, 2) % 2 == 1
  return { KEYS[1], is_mine and 1 or 2, false, redis.call('GET', KEYS[1]) }
end
local has_ended = ARGV[6] == '1' or (kind == 'R' and idle_until(head) > time())
local tombstone = ARGV[2]
if has_ended then
  tombstone = 'T' .. string.char(string.byte(tombstone, 2) + 1) .. string.sub(tombstone, 3)
end
local laid = redis.pcall('SET', KEYS[1], tombstone, 'PX', ARGV[7])
if laid.err then
  -- A full Redis refuses to write more, but deletes; and once a script has written, it may go on. Should it not: update
  -- never creates, so that the session is over even without its tombstone.
  redis.call('DEL', KEYS[1])
  redis.pcall('SET', KEYS[1], tombstone, 'PX', ARGV[7])
end
tell(ARGV[3], ARGV[4], ARGV[5])
return { KEYS[1], has_ended and 1 or 2, kind == 'R' and head or nil }
