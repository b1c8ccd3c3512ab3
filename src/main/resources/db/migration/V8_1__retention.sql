-- What the deletion of old rows looks for.
CREATE INDEX processed_messages_by_age ON processed_messages (processed_at);
CREATE INDEX message_attempts_by_age ON message_attempts (failed_at);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (began_at);
CREATE INDEX dead_letters_by_age ON dead_letters (state_at);
CREATE INDEX dead_letter_audit_by_age ON dead_letter_audit (at);
CREATE INDEX dead_letter_replays_by_age ON dead_letter_replays (updated_at);
