DROP INDEX one_time_passes_by_end;
DROP TABLE replicas;
