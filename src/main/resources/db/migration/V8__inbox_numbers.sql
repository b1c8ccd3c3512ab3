-- A notification's place in its inbox: 1, 2, 3 … in the order of commits. The head counts what was ever added, so that a number is
-- never given twice, even after rows were deleted.
ALTER TABLE notifications ADD COLUMN seq BIGINT;
CREATE TABLE numbered (id BIGINT PRIMARY KEY, seq BIGINT NOT NULL);
INSERT INTO numbered (id, seq) SELECT id, ROW_NUMBER() OVER (PARTITION BY user_id ORDER BY id) FROM notifications;
UPDATE notifications SET seq = (SELECT seq FROM numbered WHERE numbered.id = notifications.id);
DROP TABLE numbered;
DROP INDEX notifications_of_user;
ALTER TABLE notifications DROP COLUMN id;
ALTER TABLE notifications ALTER COLUMN seq SET NOT NULL;
ALTER TABLE notifications ADD PRIMARY KEY (user_id, seq);

ALTER TABLE inboxes ADD COLUMN seq BIGINT DEFAULT 0 NOT NULL;
UPDATE inboxes SET seq = (SELECT COUNT(*) FROM notifications WHERE notifications.user_id = inboxes.user_id);
