ALTER TABLE logins DROP COLUMN replaces_weak;
ALTER TABLE authenticators DROP COLUMN weak;
