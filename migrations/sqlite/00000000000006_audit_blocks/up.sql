-- Blocks of audit events that follow one another: between which ids, and whom they are about. In place of the index by
-- user, which costs each login a page of its own: see store::audit_blocks. Not part of the data: made from it.
CREATE TABLE audit_blocks (
    site_id   BLOB NOT NULL REFERENCES sites (id),
    last_id   BLOB NOT NULL,
    first_id  BLOB NOT NULL,
    users     BLOB NOT NULL,              -- 4 bytes of a digest of the host's id for each event; of one event the id itself
    PRIMARY KEY (site_id, last_id)
) WITHOUT ROWID;
DROP INDEX audit_events_of_user;

-- An event that comes with an id from before the end of the last block has a block of its own, whoever wrote it. If there is
-- one for it already, it is that of an event that was deleted and is written again.
CREATE TRIGGER audit_event_came_late AFTER INSERT ON audit_events
WHEN NEW.user_id IS NOT NULL AND NEW.id <= (SELECT MAX(last_id) FROM audit_blocks WHERE site_id = NEW.site_id)
BEGIN
    INSERT OR IGNORE INTO audit_blocks (site_id, last_id, first_id, users) VALUES (NEW.site_id, NEW.id, NEW.id, NEW.user_id);
END;
