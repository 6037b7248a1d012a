-- Counts the changes to what the user has: see store::users::take_turn.
ALTER TABLE users ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
