-- What was marked as read, for the streams that are open: numbered per inbox in the order of commits; seq 0 is all that there were. No
-- stream lives for an hour, so older rows are deleted.
CREATE TABLE inbox_reads (
    user_id BIGINT NOT NULL,
    change  BIGINT NOT NULL,
    seq     BIGINT NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    PRIMARY KEY (user_id, change)
);

CREATE INDEX inbox_reads_by_age ON inbox_reads (read_at);

ALTER TABLE inboxes ADD COLUMN read_changes BIGINT DEFAULT 0 NOT NULL;

-- Tickets that open one stream, once, in the name of whoever asked for them. The ticket itself is nowhere.
CREATE TABLE stream_tickets (
    ticket_hash     VARCHAR(64) PRIMARY KEY,
    path            VARCHAR(1000) NOT NULL,
    user_id         BIGINT NOT NULL,
    roles           VARCHAR NOT NULL,
    subject         VARCHAR NOT NULL,
    token_hash      VARCHAR(64) NOT NULL,
    token_ends_at   BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL
);

CREATE INDEX stream_tickets_by_age ON stream_tickets (expires_at);
