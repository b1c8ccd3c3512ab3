-- Schemas and PostgreSQL count characters, H2 counts halves of those beyond U+FFFF: 255 of them must fit too.
ALTER TABLE orders ALTER COLUMN id SET DATA TYPE VARCHAR(510);
ALTER TABLE orders ALTER COLUMN user_id SET DATA TYPE VARCHAR(510);
ALTER TABLE orders ALTER COLUMN status SET DATA TYPE VARCHAR(510);
ALTER TABLE notifications ALTER COLUMN from_name SET DATA TYPE VARCHAR(510);
ALTER TABLE notifications ALTER COLUMN to_name SET DATA TYPE VARCHAR(510);
