-- Takes apart what the client sends beside keys: see records/record-call.ts.
local commit = string.sub(ARGV[1], 1, 9)
local stamp_size = string.byte(ARGV[1], 17)
local value = string.sub(ARGV[1], 18 + stamp_size)

-- Publishes that the record has changed, or that nothing has: a stamp is used up in any case, lest listeners see a gap.
-- Records and channel share the prefix, which ends at the brace.
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
