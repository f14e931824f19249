DROP TABLE export_file;
DROP INDEX proposal_event_taken;
DROP INDEX proposal_erased;
