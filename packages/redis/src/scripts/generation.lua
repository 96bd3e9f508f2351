-- Answers the generation, and raises it to the given one if that is greater. It has no time to live.
--
-- KEYS[1]  where the generation lies
-- ARGV[1]  a whole number
--
-- Answers the key and the generation, as text.

local kept = redis.call('GET', KEYS[1]) or '0'
if tonumber(ARGV[1]) > tonumber(kept) then
  kept = ARGV[1]
  redis.call('SET', KEYS[1], kept)
end
return { KEYS[1], kept }
