-- Last step of a renewal whose keys lie in different slots: a pending record becomes an ordinary one. Whoever meets a
-- pending record whose old key leads here may do it.
--
-- KEYS[1]  the new key
-- ARGV[1]  the old key, packed
-- ARGV[2]  idle deadline
--
-- Answers the key and what lies there now, or nothing.

-- @use head

local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) == 'P' and string.sub(value, -24, -7) == ARGV[1] then
  value = 'R' .. string.sub(value, 2, 43) .. struct.pack('>I6', ARGV[2]) .. string.sub(value, 50, -25) .. string.sub(value, -6)
  redis.call('SET', KEYS[1], value, 'PXAT', string.format('%.0f', ARGV[2] + RETENTION))
end
return { KEYS[1], value }
