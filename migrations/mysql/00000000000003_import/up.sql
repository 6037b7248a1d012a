-- Whether the secret is shorter than the service would make it: moved over from another system.
ALTER TABLE authenticators ADD COLUMN /*M! IF NOT EXISTS */ weak BOOLEAN NOT NULL DEFAULT FALSE;
-- Whether the policy, when the login began, wanted such secrets replaced.
ALTER TABLE logins ADD COLUMN /*M! IF NOT EXISTS */ replaces_weak BOOLEAN NOT NULL DEFAULT FALSE;
