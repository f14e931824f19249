DROP TABLE import_mistake;
DROP TABLE import;
