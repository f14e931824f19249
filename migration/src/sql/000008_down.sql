DROP TABLE proposal_copy;
DROP TABLE proposal_band;
DROP INDEX proposal_not_compared;
ALTER TABLE proposal DROP COLUMN compared;
DROP INDEX proposal_personal_data;
ALTER TABLE proposal DROP COLUMN personal_data_acknowledged;
ALTER TABLE proposal DROP COLUMN personal_data;
