-- Publishes a heartbeat with the mark of the data: a random text that is written where none lies, so that it changes
-- whenever the data are lost. It has no time to live.
--
-- KEYS[1]  the channel of the change feed, and where the mark lies
-- ARGV[1]  a mark that nobody has used before
-- ARGV[2]  PUBLISH, or SPUBLISH in a Cluster
-- ARGV[3]  the message, up to the mark
--
-- Answers nothing. The mark is '-' while there is none and the server refuses to write.

local mark = redis.pcall('GET', KEYS[1])
if not mark then
  -- A full Redis refuses SET, but not to a script that has written before.
  redis.pcall('DEL', KEYS[1])
  if not redis.pcall('SET', KEYS[1], ARGV[1]).err then mark = ARGV[1] end
end
if type(mark) ~= 'string' then mark = '-' end
redis.call(ARGV[2], KEYS[1], ARGV[3] .. mark)
