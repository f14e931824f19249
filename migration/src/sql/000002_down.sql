DROP TABLE ledger_checkpoint;
DROP TABLE ledger_node;
DROP TABLE ledger;
DROP TABLE ledger_pending;
DROP INDEX proposal_event_unlogged;
ALTER TABLE proposal_event DROP COLUMN leaf;
ALTER TABLE proposal_event DROP COLUMN salt;
