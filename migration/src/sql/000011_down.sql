ALTER TABLE consultation DROP COLUMN attendance;
DROP TABLE edition;
DROP TABLE tally_change;
DROP TABLE tally;
ALTER TABLE proposal DROP COLUMN first_answered_at;
ALTER TABLE proposal DROP COLUMN received_at;
ALTER TABLE proposal DROP COLUMN remarks;
