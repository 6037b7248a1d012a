-- Times are milliseconds since the Unix epoch. Ids are 16 bytes (UUIDv7), digests 32 (SHA-256 or argon2id).
-- Names that a host gave are BYTEA, since they compare byte for byte.
-- What every login writes does not refer to its site: the check would hold the site's row each time.

CREATE TABLE master_keys (
    id          BYTEA PRIMARY KEY NOT NULL,   -- names the key, tells nothing of it
    sealed      BYTEA NOT NULL,               -- a known text under the key: shows that a key is the right one
    created_at  BIGINT NOT NULL
);

CREATE TABLE sites (
    id          BYTEA PRIMARY KEY NOT NULL,
    name        BYTEA NOT NULL UNIQUE,
    issuer      TEXT NOT NULL,               -- what authenticator apps show
    created_at  BIGINT NOT NULL
);

CREATE TABLE policies (
    site_id     BYTEA PRIMARY KEY NOT NULL REFERENCES sites (id),
    document    TEXT NOT NULL,               -- JSON: the policy, and since when whom it has required to enrol
    version     BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL
);

CREATE TABLE api_keys (
    id          BYTEA PRIMARY KEY NOT NULL,
    site_id     BYTEA NOT NULL REFERENCES sites (id),
    name        TEXT NOT NULL,
    digest      BYTEA NOT NULL UNIQUE,
    roles       TEXT NOT NULL,               -- comma separated
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT
);

CREATE TABLE users (
    id                 BYTEA PRIMARY KEY NOT NULL,
    site_id            BYTEA NOT NULL REFERENCES sites (id),
    user_id            BYTEA NOT NULL,        -- the host's id
    name               TEXT NOT NULL,
    email              TEXT,
    phone              TEXT,
    roles              TEXT,                 -- JSON array; NULL: the host did not say
    credential_version BYTEA,                 -- a digest
    epoch              BIGINT NOT NULL,      -- the security epoch
    failures           INTEGER NOT NULL,
    locks              INTEGER NOT NULL,
    locked_until       BIGINT,
    first_seen_at      BIGINT NOT NULL,
    grace_began_at     BIGINT,               -- NULL: not begun; 0: ended
    preferred_method   TEXT,
    enrolled           BOOLEAN NOT NULL,     -- has a confirmed authenticator
    deleted            BOOLEAN NOT NULL,     -- a deleted user leaves id and epoch, so that the id inherits nothing
    UNIQUE (site_id, user_id)
);

CREATE TABLE authenticators (
    id            BYTEA PRIMARY KEY NOT NULL,
    user_id       BYTEA NOT NULL REFERENCES users (id),
    method        TEXT NOT NULL,
    name          TEXT NOT NULL,
    state         BYTEA NOT NULL,             -- sealed
    marker        BIGINT NOT NULL,           -- the replay marker: moves forward only, by one conditional write
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT
);
CREATE INDEX authenticators_of_user ON authenticators (user_id);

CREATE TABLE recovery_code_sets (
    user_id     BYTEA PRIMARY KEY NOT NULL REFERENCES users (id),
    setting     TEXT NOT NULL,               -- cost and salt in PHC form; the digests are below
    created_at  BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id  BYTEA NOT NULL REFERENCES users (id),
    digest   BYTEA NOT NULL,
    used_at  BIGINT,
    PRIMARY KEY (user_id, digest)
);

CREATE TABLE logins (
    id              BYTEA PRIMARY KEY NOT NULL,   -- the digest of the id that the host holds
    site_id         BYTEA NOT NULL,
    user_id         BYTEA NOT NULL REFERENCES users (id),
    purpose         TEXT NOT NULL,
    status          TEXT NOT NULL,
    reason          TEXT,
    wrong_answers   INTEGER NOT NULL,
    epoch           BIGINT NOT NULL,
    policy_methods  TEXT NOT NULL,               -- comma separated; as the policy was when the login began
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    grace_ends_at   BIGINT,
    client_ip       TEXT,
    factor          TEXT,                        -- what passed the login, or what it has proven so far
    enrolled_now    BOOLEAN NOT NULL,
    pending_state   BYTEA                         -- sealed: the authenticator being enrolled
);
CREATE INDEX logins_pending ON logins (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX logins_by_age ON logins (created_at);

CREATE TABLE audit_events (
    site_id        BYTEA NOT NULL,
    id             BYTEA NOT NULL,
    at             BIGINT NOT NULL,
    action         TEXT NOT NULL,
    user_id        BYTEA,                         -- the host's id: outlives the user
    actor          TEXT NOT NULL,                -- 'key' or 'cli'
    actor_key      BYTEA,
    claimed_actor  TEXT,
    method         TEXT,
    cause          TEXT,
    number         BIGINT,
    client_ip      TEXT,
    PRIMARY KEY (site_id, id)
);
CREATE INDEX audit_events_of_user ON audit_events (site_id, user_id, id);
