-- Of messages; NULL: the host did not say.
ALTER TABLE users ADD COLUMN /*M! IF NOT EXISTS */ locale VARCHAR(64);

-- The code that was sent for this login, sealed.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ sent_code BLOB;
-- Whether a code that was sent has moved expires_at: that happens once.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ extended BOOLEAN NOT NULL DEFAULT FALSE;
-- For how long a browser may be trusted, as the policy was when the login began.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ trusted_device_days INTEGER NOT NULL DEFAULT 0;
-- The policy's trust generation then.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ trust_generation BIGINT NOT NULL DEFAULT 0;
-- The name of the authenticator being added in an open session.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ authenticator_name VARCHAR(255);
-- What the person's browser is called, where it may be trusted.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ browser VARCHAR(255);

CREATE TABLE IF NOT EXISTS trusted_devices (
    id             VARBINARY(16) PRIMARY KEY NOT NULL,
    user_id        VARBINARY(16) NOT NULL,
    family         VARBINARY(32) NOT NULL UNIQUE,     -- digest of the part of the token that stays
    secret         VARBINARY(32) NOT NULL,            -- digest of the part that changes at each use
    previous       VARBINARY(32),                     -- the digest before it
    rotated_at     BIGINT NOT NULL,
    epoch          BIGINT NOT NULL,          -- the user's security epoch: an older one is not trusted
    generation     BIGINT NOT NULL,          -- the policy's: likewise
    name           VARCHAR(255) NOT NULL,            -- of the browser, for its user
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT,
    expires_at     BIGINT NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ trusted_devices_of_user ON trusted_devices (user_id);
CREATE INDEX /*M! IF NOT EXISTS */ trusted_devices_by_end ON trusted_devices (expires_at);

CREATE TABLE IF NOT EXISTS one_time_passes (
    user_id     VARBINARY(16) PRIMARY KEY NOT NULL,
    digest      VARBINARY(32) NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT,
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS deliveries (
    id           VARBINARY(16) PRIMARY KEY NOT NULL,
    site_id      VARBINARY(16) NOT NULL,
    user_id      VARBINARY(16) NOT NULL,
    method       VARCHAR(64) NOT NULL,
    destination  VARBINARY(32) NOT NULL,              -- a pseudonym: found again, but not read
    sent_at      BIGINT NOT NULL,
    state        VARCHAR(64) NOT NULL,               -- 'pending', 'accepted' or 'failed', as the gateway said
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ deliveries_of_user ON deliveries (user_id, sent_at);
CREATE INDEX /*M! IF NOT EXISTS */ deliveries_to_destination ON deliveries (site_id, destination, sent_at);
CREATE INDEX /*M! IF NOT EXISTS */ deliveries_of_site ON deliveries (site_id, method, sent_at);
CREATE INDEX /*M! IF NOT EXISTS */ deliveries_by_age ON deliveries (sent_at);

CREATE TABLE IF NOT EXISTS outbox (
    id               VARBINARY(16) PRIMARY KEY NOT NULL,
    user_id          VARBINARY(16) NOT NULL,
    sealed           BLOB NOT NULL,          -- what to send to whom
    created_at       BIGINT NOT NULL,
    attempts         INTEGER NOT NULL,
    next_attempt_at  BIGINT NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ outbox_due ON outbox (next_attempt_at);
CREATE INDEX /*M! IF NOT EXISTS */ outbox_of_user ON outbox (user_id);
