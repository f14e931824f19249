-- the files go too
INSERT INTO file_removal (object, due) SELECT object, asked_at FROM export_file
    WHERE object IS NOT NULL AND object NOT IN (SELECT object FROM file_removal);
DROP TABLE export_file;
DROP INDEX proposal_event_taken;
DROP INDEX proposal_erased;
