-- The running services on this database. Not part of the data: says who is there and what they know.
CREATE TABLE IF NOT EXISTS replicas (
    id       VARBINARY(16) PRIMARY KEY NOT NULL,   -- one for each start
    key_ids  VARBINARY(1024) NOT NULL,               -- of the master keys that it has, 8 bytes each
    seen_at  BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- For the sweep.
CREATE INDEX /*M! IF NOT EXISTS */ one_time_passes_by_end ON one_time_passes (expires_at);
