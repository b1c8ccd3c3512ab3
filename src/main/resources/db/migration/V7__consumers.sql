-- A MessageID takes effect once for each consumer. Existing rows are those of the topic's owner, the only consumer until now. The topic is
-- part of the key for a consumer that reads several.
ALTER TABLE processed_messages RENAME TO processed_by_topic;

CREATE TABLE processed_messages (
    consumer         VARCHAR(249) NOT NULL,
    message_id       VARCHAR(255) NOT NULL,
    topic            VARCHAR(249) NOT NULL,
    processed_at     TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP NOT NULL,
    record_partition INTEGER,
    record_offset    BIGINT,
    record_key       VARCHAR(255),
    published_at     TIMESTAMP WITH TIME ZONE,
    processed_by     VARCHAR(255),
    CONSTRAINT processed_messages_of_consumer PRIMARY KEY (consumer, message_id, topic)
);

INSERT INTO processed_messages (consumer, message_id, topic, processed_at, record_partition, record_offset, record_key, published_at,
    processed_by)
SELECT ${consumer}, message_id, topic, processed_at, record_partition, record_offset, record_key, published_at, processed_by
FROM processed_by_topic;

DROP TABLE processed_by_topic;

-- The name of a record without a MessageID now ends in its timestamp: a topic that is created again has other records in the same places.
UPDATE processed_messages
SET message_id = message_id || '/' || CAST(EXTRACT(EPOCH FROM published_at) * 1000 AS BIGINT)
WHERE message_id = topic || '/' || record_partition || '/' || record_offset AND published_at IS NOT NULL;

ALTER TABLE message_attempts ADD COLUMN consumer VARCHAR(249);
UPDATE message_attempts SET consumer = ${consumer};
ALTER TABLE message_attempts ALTER COLUMN consumer SET NOT NULL;

-- The newest state is decided by its place in the topic. Where the topic has been created again, the topic's id tells the two apart; rows of
-- earlier versions have none.
ALTER TABLE orders ADD COLUMN record_partition INTEGER;
ALTER TABLE orders ADD COLUMN record_topic_id VARCHAR(22);
UPDATE orders SET record_partition = (SELECT MAX(p.record_partition) FROM processed_messages p
WHERE p.consumer = 'orders' AND p.message_id = orders.message_id);
