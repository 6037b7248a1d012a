-- Times are milliseconds since the Unix epoch. Ids are 16 bytes (UUIDv7), digests 32 (SHA-256 or argon2id).
-- Names that a host gave are VARBINARY, since they compare byte for byte.
-- MariaDB alone reads IF NOT EXISTS of columns and indexes: there each statement of a migration can be repeated.
-- What every login writes does not refer to its site: the check would hold the site's row each time.

CREATE TABLE IF NOT EXISTS master_keys (
    id          VARBINARY(32) PRIMARY KEY NOT NULL,   -- names the key, tells nothing of it
    sealed      BLOB NOT NULL,               -- a known text under the key: shows that a key is the right one
    created_at  BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sites (
    id          VARBINARY(16) PRIMARY KEY NOT NULL,
    name        VARBINARY(1020) NOT NULL UNIQUE,
    issuer      VARCHAR(255) NOT NULL,               -- what authenticator apps show
    created_at  BIGINT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS policies (
    site_id     VARBINARY(16) PRIMARY KEY NOT NULL,
    document    MEDIUMTEXT NOT NULL,               -- JSON: the policy, and since when whom it has required to enrol
    version     BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL,
    updated_by  TEXT NOT NULL,
    FOREIGN KEY (site_id) REFERENCES sites (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS api_keys (
    id          VARBINARY(16) PRIMARY KEY NOT NULL,
    site_id     VARBINARY(16) NOT NULL,
    name        VARCHAR(255) NOT NULL,
    digest      VARBINARY(32) NOT NULL UNIQUE,
    roles       MEDIUMTEXT NOT NULL,               -- comma separated
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT,
    revoked_at  BIGINT,
    FOREIGN KEY (site_id) REFERENCES sites (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS users (
    id                 VARBINARY(16) PRIMARY KEY NOT NULL,
    site_id            VARBINARY(16) NOT NULL,
    user_id            VARBINARY(1020) NOT NULL,        -- the host's id
    name               VARCHAR(255) NOT NULL,
    email              VARCHAR(255),
    phone              VARCHAR(64),
    roles              MEDIUMTEXT,                 -- JSON array; NULL: the host did not say
    credential_version VARBINARY(32),                 -- a digest
    epoch              BIGINT NOT NULL,      -- the security epoch
    failures           INTEGER NOT NULL,
    locks              INTEGER NOT NULL,
    locked_until       BIGINT,
    first_seen_at      BIGINT NOT NULL,
    grace_began_at     BIGINT,               -- NULL: not begun; 0: ended
    preferred_method   VARCHAR(64),
    enrolled           BOOLEAN NOT NULL,     -- has a confirmed authenticator
    deleted            BOOLEAN NOT NULL,     -- a deleted user leaves id and epoch, so that the id inherits nothing
    UNIQUE (site_id, user_id),
    FOREIGN KEY (site_id) REFERENCES sites (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS authenticators (
    id            VARBINARY(16) PRIMARY KEY NOT NULL,
    user_id       VARBINARY(16) NOT NULL,
    method        VARCHAR(64) NOT NULL,
    name          VARCHAR(255) NOT NULL,
    state         BLOB NOT NULL,             -- sealed
    marker        BIGINT NOT NULL,           -- the replay marker: moves forward only, by one conditional write
    created_at    BIGINT NOT NULL,
    last_used_at  BIGINT,
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ authenticators_of_user ON authenticators (user_id);

CREATE TABLE IF NOT EXISTS recovery_code_sets (
    user_id     VARBINARY(16) PRIMARY KEY NOT NULL,
    setting     VARCHAR(255) NOT NULL,               -- cost and salt in PHC form; the digests are below
    created_at  BIGINT NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS recovery_codes (
    user_id  VARBINARY(16) NOT NULL,
    digest   VARBINARY(32) NOT NULL,
    used_at  BIGINT,
    PRIMARY KEY (user_id, digest),
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS logins (
    id              VARBINARY(32) PRIMARY KEY NOT NULL,   -- the digest of the id that the host holds
    site_id         VARBINARY(16) NOT NULL,
    user_id         VARBINARY(16) NOT NULL,
    purpose         VARCHAR(64) NOT NULL,
    status          VARCHAR(64) NOT NULL,
    reason          VARCHAR(64),
    wrong_answers   INTEGER NOT NULL,
    epoch           BIGINT NOT NULL,
    policy_methods  VARCHAR(255) NOT NULL,               -- comma separated; as the policy was when the login began
    created_at      BIGINT NOT NULL,
    expires_at      BIGINT NOT NULL,
    ended_at        BIGINT,
    grace_ends_at   BIGINT,
    client_ip       VARCHAR(64),
    factor          VARCHAR(64),                        -- what passed the login, or what it has proven so far
    enrolled_now    BOOLEAN NOT NULL,
    pending_state   BLOB,                         -- sealed: the authenticator being enrolled
    FOREIGN KEY (user_id) REFERENCES users (id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ logins_pending ON logins (user_id, ended_at, created_at);
CREATE INDEX /*M! IF NOT EXISTS */ logins_by_age ON logins (created_at);

CREATE TABLE IF NOT EXISTS audit_events (
    site_id        VARBINARY(16) NOT NULL,
    id             VARBINARY(16) NOT NULL,
    at             BIGINT NOT NULL,
    action         VARCHAR(64) NOT NULL,
    user_id        VARBINARY(1020),                         -- the host's id: outlives the user
    actor          VARCHAR(64) NOT NULL,                -- 'key' or 'cli'
    actor_key      VARBINARY(16),
    claimed_actor  TEXT,
    method         VARCHAR(64),
    cause          VARCHAR(64),
    number         BIGINT,
    client_ip      VARCHAR(64),
    PRIMARY KEY (site_id, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
CREATE INDEX /*M! IF NOT EXISTS */ audit_events_of_user ON audit_events (site_id, user_id, id);
