-- Who gets a digest by mail, and the last notification of the inbox that one contained.
CREATE TABLE digests (
    user_id     BIGINT PRIMARY KEY,
    address     VARCHAR(250) NOT NULL UNIQUE,
    quiet_hours VARCHAR(11), -- such as 22:00-07:00: no digest then, but one afterwards
    opted_out   BOOLEAN DEFAULT FALSE NOT NULL,
    mailed_seq  BIGINT DEFAULT 0 NOT NULL
);

CREATE VIEW digests_due AS
SELECT user_id, address, mailed_seq FROM digests WHERE NOT opted_out AND (quiet_hours IS NULL OR NOT CASE
    WHEN SUBSTRING(quiet_hours, 1, 5) < SUBSTRING(quiet_hours, 7, 5)
    THEN TO_CHAR(LOCALTIMESTAMP, 'HH24:MI') >= SUBSTRING(quiet_hours, 1, 5)
        AND TO_CHAR(LOCALTIMESTAMP, 'HH24:MI') < SUBSTRING(quiet_hours, 7, 5)
    ELSE TO_CHAR(LOCALTIMESTAMP, 'HH24:MI') >= SUBSTRING(quiet_hours, 1, 5)
        OR TO_CHAR(LOCALTIMESTAMP, 'HH24:MI') < SUBSTRING(quiet_hours, 7, 5)
END);

-- Mails that are not sent yet: the two tables of Camel's SQL aggregation repository.
CREATE TABLE digest_mails (id VARCHAR(255) PRIMARY KEY, exchange ${bytes} NOT NULL, version BIGINT NOT NULL);
CREATE TABLE digest_mails_completed (id VARCHAR(255) PRIMARY KEY, exchange ${bytes} NOT NULL, version BIGINT NOT NULL);
