/** Made from the .lua files beside it: `npm run test:unit -- packages/redis --update` renews it. */

export const ALIAS: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
local kind = string.sub(head, 1, 1)
if head == '' then return { KEYS[1], 2 } end
if kind == 'A' and string.sub(head, 15, 23) == ARGV[1] then return { KEYS[1], 1, redis.call('GET', KEYS[1]) } end
if kind ~= 'R' then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
if idle_until(head) <= time() then return { KEYS[1], 2 } end
if string.sub(head, 22, 27) ~= ARGV[2] then return { KEYS[1], 0, redis.call('GET', KEYS[1]) } end
local deadline = tonumber(ARGV[6])
if string.sub(head, 39, 43) == ARGV[5] then deadline = math.max(deadline, idle_until(head)) end
deadline = math.min(deadline, tonumber(ARGV[7]))
local alias = string.sub(ARGV[3], 1, 29) .. struct.pack('>I6', deadline) .. string.sub(ARGV[3], 36)
redis.call('SET', KEYS[1], alias, 'PX', ARGV[4])
return { KEYS[1], 1, alias, head }
`

export const BEAT: string = `local mark = redis.pcall('GET', KEYS[1])
if not mark then
  redis.pcall('DEL', KEYS[1])
  if not redis.pcall('SET', KEYS[1], ARGV[1]).err then mark = ARGV[1] end
end
if type(mark) ~= 'string' then mark = '-' end
redis.call(ARGV[2], KEYS[1], ARGV[3] .. mark)
`

export const CONFIRM: string = `local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) == 'P' and string.sub(value, -24, -7) == ARGV[1] then
  value = 'R' .. string.sub(value, 2, 43) .. struct.pack('>I6', ARGV[2]) .. string.sub(value, 50, -25) .. string.sub(value, -6)
  redis.call('SET', KEYS[1], value, 'PXAT', string.format('%.0f', ARGV[2] + RETENTION))
end
return { KEYS[1], value }
`

export const CREATE: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local function keep(key, value, kept)
  local deadline = idle_until(value)
  if kept and string.sub(kept, 39, 43) == string.sub(value, 39, 43) and idle_until(kept) > deadline then
    deadline = math.min(idle_until(kept), struct.unpack('>I6', value, 28) + struct.unpack('>I5', value, 34))
    value = string.sub(value, 1, 43) .. struct.pack('>I6', deadline) .. string.sub(value, 50)
  end
  return redis.pcall('SET', key, value, 'PXAT', string.format('%.0f', deadline + RETENTION))
end
local function add_to_index(key, member, absoluteAt)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', time()))
  redis.call('ZADD', key, 'GT', absoluteAt, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', key, string.format('%.0f', last[2] + 60000))
end
local commit = string.sub(ARGV[1], 1, 9)
local stamp_size = string.byte(ARGV[1], 17)
local value = string.sub(ARGV[1], 18 + stamp_size)
local function tell(has_changed)
  if stamp_size == 0 then return end
  local brace = string.find(KEYS[1], '{', 1, true)
  local news = '-'
  if has_changed then
    local revision = string.format('%.0f', (struct.unpack('>I6', value, 22)))
    news = 'c ' .. string.sub(KEYS[1], brace + 1, -2) .. ' ' .. revision
  end
  redis.call('PUBLISH', string.sub(KEYS[1], 1, brace) .. 'feed}', string.sub(ARGV[1], 18, 17 + stamp_size) .. news)
end
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
`

export const DISCARD: string = `local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if string.sub(head, 1, 1) == 'P' and has_commit(head, ARGV[1]) then return redis.call('DEL', KEYS[1]) end
return 0
`

export const END: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local function tell(channel, stamp, news)
  if channel ~= '' then redis.call('PUBLISH', channel, stamp .. news) end
end
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
  redis.call('DEL', KEYS[1])
  redis.pcall('SET', KEYS[1], tombstone, 'PX', ARGV[7])
end
tell(ARGV[3], ARGV[4], ARGV[5])
return { KEYS[1], has_ended and 1 or 2, kind == 'R' and head or nil }
`

export const GENERATION: string = `local kept = redis.call('GET', KEYS[1]) or '0'
if tonumber(ARGV[1]) > tonumber(kept) then
  kept = ARGV[1]
  redis.call('SET', KEYS[1], kept)
end
return { KEYS[1], kept }
`

export const INDEX: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local function add_to_index(key, member, absoluteAt)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', time()))
  redis.call('ZADD', key, 'GT', absoluteAt, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', key, string.format('%.0f', last[2] + 60000))
end
add_to_index(KEYS[1], ARGV[1], ARGV[2])
return 1
`

export const LOOK: string = `return { KEYS[1], redis.call('GET', KEYS[1]) }
`

export const PENDING: string = `local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local head = redis.call('GETRANGE', KEYS[1], 0, HEAD - 1)
if head == '' then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return { KEYS[1], 1 }
end
local kind = string.sub(head, 1, 1)
local is_mine = (kind == 'P' or kind == 'R') and has_commit(head, ARGV[1])
return { KEYS[1], is_mine and 1 or 3 }
`

export const RENEW: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local function keep(key, value, kept)
  local deadline = idle_until(value)
  if kept and string.sub(kept, 39, 43) == string.sub(value, 39, 43) and idle_until(kept) > deadline then
    deadline = math.min(idle_until(kept), struct.unpack('>I6', value, 28) + struct.unpack('>I5', value, 34))
    value = string.sub(value, 1, 43) .. struct.pack('>I6', deadline) .. string.sub(value, 50)
  end
  return redis.pcall('SET', key, value, 'PXAT', string.format('%.0f', deadline + RETENTION))
end
local function add_to_index(key, member, absoluteAt)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', time()))
  redis.call('ZADD', key, 'GT', absoluteAt, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', key, string.format('%.0f', last[2] + 60000))
end
local function tell(channel, stamp, news)
  if channel ~= '' then redis.call('PUBLISH', channel, stamp .. news) end
end
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
redis.call('SET', KEYS[1], ARGV[7], 'PX', ARGV[8])
tell(ARGV[3], ARGV[4], ARGV[5])
return { KEYS[1], 1, head }
`

export const REPAIR: string = `return redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0
`

export const RESTORE: string = `local head = redis.call('GETRANGE', KEYS[1], 0, 52)
local kind = string.sub(head, 1, 1)
if kind == 'T' then return 0 end
if string.sub(ARGV[1], 1, 1) == 'A' and kind ~= 'R' then
  local knows_more = kind == 'A'
    and string.byte(head, 2) == 0
    and string.byte(ARGV[1], 2) == 1
    and string.sub(head, 36) == string.sub(ARGV[1], 36, 53)
  if not knows_more then return 0 end
end
if redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]).err then redis.call('DEL', KEYS[1]) end
return 1
`

export const TOUCH: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local head = redis.call('GETRANGE', KEYS[1], 0, 48)
if string.sub(head, 1, 1) ~= 'R' then return 0 end
local createdAt, life, idle, kept = struct.unpack('>I6I5I5I6', head, 28)
if kept <= time() then return 0 end
if ARGV[2] ~= '' and tonumber(ARGV[2]) ~= idle then return 0 end
local deadline = math.min(tonumber(ARGV[1]), createdAt + life)
if deadline <= kept then return 0 end
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', deadline + RETENTION))
redis.call('SETRANGE', KEYS[1], 43, struct.pack('>I6', deadline))
return 1
`

export const TRIM: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
if redis.call('GETRANGE', KEYS[1], 0, 0) ~= 'A' then return 0 end
local now = time()
local goneAt = math.max(now, tonumber(ARGV[1])) + 60000
if goneAt - now >= redis.call('PTTL', KEYS[1]) then return 0 end
return redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', goneAt))
`

export const UPDATE: string = `local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
local RETENTION = 60000
local HEAD = 87
local function idle_until(head)
  return (struct.unpack('>I6', head, 44))
end
local function has_commit(head, commit)
  for at = 52, 43 + 9 * math.floor(string.byte(head, 3) / 16), 9 do
    if string.sub(head, at, at + 8) == commit then return true end
  end
  return false
end
local function keep(key, value, kept)
  local deadline = idle_until(value)
  if kept and string.sub(kept, 39, 43) == string.sub(value, 39, 43) and idle_until(kept) > deadline then
    deadline = math.min(idle_until(kept), struct.unpack('>I6', value, 28) + struct.unpack('>I5', value, 34))
    value = string.sub(value, 1, 43) .. struct.pack('>I6', deadline) .. string.sub(value, 50)
  end
  return redis.pcall('SET', key, value, 'PXAT', string.format('%.0f', deadline + RETENTION))
end
local function add_to_index(key, member, absoluteAt)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', time()))
  redis.call('ZADD', key, 'GT', absoluteAt, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', key, string.format('%.0f', last[2] + 60000))
end
local commit = string.sub(ARGV[1], 1, 9)
local stamp_size = string.byte(ARGV[1], 17)
local value = string.sub(ARGV[1], 18 + stamp_size)
local function tell(has_changed)
  if stamp_size == 0 then return end
  local brace = string.find(KEYS[1], '{', 1, true)
  local news = '-'
  if has_changed then
    local revision = string.format('%.0f', (struct.unpack('>I6', value, 22)))
    news = 'c ' .. string.sub(KEYS[1], brace + 1, -2) .. ' ' .. revision
  end
  redis.call('PUBLISH', string.sub(KEYS[1], 1, brace) .. 'feed}', string.sub(ARGV[1], 18, 17 + stamp_size) .. news)
end
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
`
