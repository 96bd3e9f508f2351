-- Redis time in whole milliseconds. Doubles hold such instants exactly.
local function time()
  local reply = redis.call('TIME')
  return reply[1] * 1000 + math.floor(reply[2] / 1000)
end
