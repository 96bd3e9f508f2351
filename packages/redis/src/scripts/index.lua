-- Adds a session to the index of its subject, where the record lies in another slot, or to a census. Done before the record
-- is written.
--
-- KEYS[1]  the index
-- ARGV[1]  member
-- ARGV[2]  absolute end
--
-- Answers 1.

-- @use time
-- @use index

add_to_index(KEYS[1], ARGV[1], ARGV[2])
return 1
