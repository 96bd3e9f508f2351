-- Adds a session to the index of its subject, removes what is past its absolute end, and lets the index end with its
-- last session.
local function add_to_index(key, member, absoluteAt)
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. string.format('%.0f', time()))
  redis.call('ZADD', key, 'GT', absoluteAt, member)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  redis.call('PEXPIREAT', key, string.format('%.0f', last[2] + 60000))
end
