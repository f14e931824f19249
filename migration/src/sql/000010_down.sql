DROP TABLE file_removal;
DROP TABLE attachment;
