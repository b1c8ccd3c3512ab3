-- The first answer to each Idempotency-Key of a route; without a status the request is still running.
CREATE TABLE idempotency_keys (
    scope           VARCHAR(255) NOT NULL,
    idempotency_key VARCHAR(255) NOT NULL,
    request         VARCHAR(64) NOT NULL,
    began_at        TIMESTAMP WITH TIME ZONE NOT NULL,
    status          INTEGER,
    message_id      VARCHAR(255),
    answer          VARCHAR,
    PRIMARY KEY (scope, idempotency_key)
);
