-- A server keeps its index of audit events by user: several transactions append at a time there.
DO 0;
