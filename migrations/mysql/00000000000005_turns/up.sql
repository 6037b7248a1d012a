-- Counts the changes to what the user has: see store::users::take_turn.
ALTER TABLE users ADD COLUMN /*M! IF NOT EXISTS */ turn BIGINT NOT NULL DEFAULT 0;
