-- With authentication on, MessageIDs and Idempotency-Keys are those of their callers: <id>@<caller>, 255 + 1 + 64 characters.
ALTER TABLE processed_messages ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE comments ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE orders ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE notifications ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE dead_letters ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE message_attempts ALTER COLUMN message_id SET DATA TYPE VARCHAR(320);
ALTER TABLE idempotency_keys ALTER COLUMN idempotency_key SET DATA TYPE VARCHAR(320);
-- The trace of the first answer, for the repeated ones.
ALTER TABLE idempotency_keys ADD COLUMN traceparent VARCHAR(55);
