-- The kinds of failure are counted from this index alone, without reading the rows and their payloads.
CREATE INDEX dead_letters_of_kind ON dead_letters (state, fingerprint, consumer, topic, died_at, id);
