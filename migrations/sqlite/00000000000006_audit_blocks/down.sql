CREATE INDEX audit_events_of_user ON audit_events (site_id, user_id, id);
DROP TRIGGER audit_event_came_late;
DROP TABLE audit_blocks;
