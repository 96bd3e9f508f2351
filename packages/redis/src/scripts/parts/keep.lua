-- Writes a record with its deadline and its time to live in one command. The deadline is the later of the kept and the
-- offered one, unless the idle length changed; the client has capped the offered one by the absolute end already.
local function keep(key, value, kept)
  local deadline = idle_until(value)
  if kept and string.sub(kept, 39, 43) == string.sub(value, 39, 43) and idle_until(kept) > deadline then
    deadline = math.min(idle_until(kept), struct.unpack('>I6', value, 28) + struct.unpack('>I5', value, 34))
    value = string.sub(value, 1, 43) .. struct.pack('>I6', deadline) .. string.sub(value, 50)
  end
  return redis.pcall('SET', key, value, 'PXAT', string.format('%.0f', deadline + RETENTION))
end
