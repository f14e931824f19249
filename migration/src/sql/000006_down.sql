DROP TABLE sweep;
ALTER TABLE consultation DROP COLUMN privacy;
ALTER TABLE consultation DROP COLUMN published_at;
DROP INDEX outbox_proposal;
ALTER TABLE outbox DROP COLUMN proposal_id;
DROP INDEX proposal_put_away;
DROP INDEX proposal_contact;
ALTER TABLE proposal DROP COLUMN erased_at;
