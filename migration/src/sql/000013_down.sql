-- the files go too
INSERT INTO file_removal (object, due) SELECT object, sent_at FROM import
    WHERE object IS NOT NULL AND object NOT IN (SELECT object FROM file_removal);
DROP TABLE import_mistake;
DROP TABLE import;
