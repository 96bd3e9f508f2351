-- Publishes news under the sender's stamp. A stamp is used up in any case, lest listeners see a gap: '-' is no news.
local function tell(channel, stamp, news)
  if channel ~= '' then redis.call('PUBLISH', channel, stamp .. news) end
end
