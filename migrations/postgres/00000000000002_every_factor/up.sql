ALTER TABLE users ADD COLUMN locale TEXT;                -- of messages; NULL: the host did not say

-- The code that was sent for this login, sealed.
ALTER TABLE logins ADD COLUMN sent_code BYTEA;
-- Whether a code that was sent has moved expires_at: that happens once.
ALTER TABLE logins ADD COLUMN extended BOOLEAN NOT NULL DEFAULT FALSE;
-- For how long a browser may be trusted, as the policy was when the login began.
ALTER TABLE logins ADD COLUMN trusted_device_days INTEGER NOT NULL DEFAULT 0;
-- The policy's trust generation then.
ALTER TABLE logins ADD COLUMN trust_generation BIGINT NOT NULL DEFAULT 0;
-- The name of the authenticator being added in an open session.
ALTER TABLE logins ADD COLUMN authenticator_name TEXT;
-- What the person's browser is called, where it may be trusted.
ALTER TABLE logins ADD COLUMN browser TEXT;

CREATE TABLE trusted_devices (
    id             BYTEA PRIMARY KEY NOT NULL,
    user_id        BYTEA NOT NULL REFERENCES users (id),
    family         BYTEA NOT NULL UNIQUE,     -- digest of the part of the token that stays
    secret         BYTEA NOT NULL,            -- digest of the part that changes at each use
    previous       BYTEA,                     -- the digest before it
    rotated_at     BIGINT NOT NULL,
    epoch          BIGINT NOT NULL,          -- the user's security epoch: an older one is not trusted
    generation     BIGINT NOT NULL,          -- the policy's: likewise
    name           TEXT NOT NULL,            -- of the browser, for its user
    created_at     BIGINT NOT NULL,
    last_used_at   BIGINT,
    expires_at     BIGINT NOT NULL
);
CREATE INDEX trusted_devices_of_user ON trusted_devices (user_id);
CREATE INDEX trusted_devices_by_end ON trusted_devices (expires_at);

CREATE TABLE one_time_passes (
    user_id     BYTEA PRIMARY KEY NOT NULL REFERENCES users (id),
    digest      BYTEA NOT NULL,
    expires_at  BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE TABLE deliveries (
    id           BYTEA PRIMARY KEY NOT NULL,
    site_id      BYTEA NOT NULL,
    user_id      BYTEA NOT NULL REFERENCES users (id),
    method       TEXT NOT NULL,
    destination  BYTEA NOT NULL,              -- a pseudonym: found again, but not read
    sent_at      BIGINT NOT NULL,
    state        TEXT NOT NULL               -- 'pending', 'accepted' or 'failed', as the gateway said
);
CREATE INDEX deliveries_of_user ON deliveries (user_id, sent_at);
CREATE INDEX deliveries_to_destination ON deliveries (site_id, destination, sent_at);
CREATE INDEX deliveries_of_site ON deliveries (site_id, method, sent_at);
CREATE INDEX deliveries_by_age ON deliveries (sent_at);

CREATE TABLE outbox (
    id               BYTEA PRIMARY KEY NOT NULL,
    user_id          BYTEA NOT NULL REFERENCES users (id),
    sealed           BYTEA NOT NULL,          -- what to send to whom
    created_at       BIGINT NOT NULL,
    attempts         INTEGER NOT NULL,
    next_attempt_at  BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_at);
CREATE INDEX outbox_of_user ON outbox (user_id);
