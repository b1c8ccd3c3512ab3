-- How many numbers are set aside at once. H2 writes its file in between each time they run out, with its own 32 a dozen times in a large
-- transaction; a crash leaves a gap of as many. PostgreSQL sets them aside for each connection, so with more than one a later row could
-- get a lower number.
ALTER TABLE comments ALTER COLUMN id SET CACHE ${numbers};
ALTER TABLE notifications ALTER COLUMN id SET CACHE ${numbers};
ALTER TABLE dead_letters ALTER COLUMN id SET CACHE ${numbers};
ALTER TABLE message_attempts ALTER COLUMN id SET CACHE ${numbers};
