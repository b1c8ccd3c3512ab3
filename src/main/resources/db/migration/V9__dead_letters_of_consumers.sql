-- A dead letter stands in a dead-letter topic, came from a topic, and is of the consumer that failed. That of existing rows is the topic's
-- owner, the only consumer until now.
ALTER TABLE dead_letters RENAME COLUMN topic TO dlq_topic;
ALTER TABLE dead_letters ALTER COLUMN dlq_topic SET DATA TYPE VARCHAR(260);
ALTER TABLE dead_letters ADD COLUMN topic VARCHAR(249) DEFAULT '' NOT NULL;
UPDATE dead_letters SET topic = dlq_topic;
UPDATE dead_letters SET dlq_topic = topic || '-dlq';
ALTER TABLE dead_letters ADD COLUMN consumer VARCHAR(249) DEFAULT '' NOT NULL;
UPDATE dead_letters SET consumer = ${consumer};

-- The offset after the last indexed record of each partition, written in the transaction of that record's row. A deleted row stays
-- deleted, because nothing before this offset is read again.
CREATE TABLE dead_letter_offsets (
    dlq_topic     VARCHAR(260) NOT NULL,
    dlq_partition INTEGER NOT NULL,
    next_offset   BIGINT NOT NULL,
    PRIMARY KEY (dlq_topic, dlq_partition)
);

INSERT INTO dead_letter_offsets (dlq_topic, dlq_partition, next_offset)
SELECT dlq_topic, dlq_partition, MAX(dlq_offset) + 1 FROM dead_letters GROUP BY dlq_topic, dlq_partition;

-- A bulk replay without a start waits for others. Those before this version began at once.
ALTER TABLE dead_letter_replays ADD COLUMN started_at TIMESTAMP WITH TIME ZONE;
UPDATE dead_letter_replays SET started_at = began_at;
ALTER TABLE dead_letter_replays ADD COLUMN skipped INTEGER DEFAULT 0 NOT NULL;

CREATE INDEX dead_letter_audit_of_replay ON dead_letter_audit (replay_id);
CREATE INDEX dead_letters_of_state ON dead_letters (state, consumer, topic);
