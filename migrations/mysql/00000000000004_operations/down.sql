DROP INDEX one_time_passes_by_end ON one_time_passes;
DROP TABLE replicas;
