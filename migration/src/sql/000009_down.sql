DROP INDEX proposal_suspicious;
ALTER TABLE proposal DROP COLUMN suspicion;
DROP TABLE rate_limit;
