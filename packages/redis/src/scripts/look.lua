-- Looks once more where GET found nothing. "Nothing" does not say whose it is, so a reply that belongs to another
-- question could make a session look unknown; this answer names its key.
--
-- KEYS[1]  the record's key
--
-- Answers the key and what lies there, or nothing.

return { KEYS[1], redis.call('GET', KEYS[1]) }
