DROP TABLE outbox;
DROP TABLE deliveries;
DROP TABLE one_time_passes;
DROP TABLE trusted_devices;
ALTER TABLE logins DROP COLUMN browser;
ALTER TABLE logins DROP COLUMN authenticator_name;
ALTER TABLE logins DROP COLUMN trusted_device_days;
ALTER TABLE logins DROP COLUMN sent_code;
ALTER TABLE users DROP COLUMN locale;
