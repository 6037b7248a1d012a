-- The running services on this database. Not part of the data: says who is there and what they know.
CREATE TABLE replicas (
    id       BYTEA PRIMARY KEY NOT NULL,   -- one for each start
    key_ids  BYTEA NOT NULL,               -- of the master keys that it has, 8 bytes each
    seen_at  BIGINT NOT NULL
);

-- For the sweep.
CREATE INDEX one_time_passes_by_end ON one_time_passes (expires_at);
