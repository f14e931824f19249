-- When the allowance of what is counted is whole again, in milliseconds since 1970. The key is a keyed hash of what is
-- counted and of whom: no address stands here, and none can be found out from it.
CREATE TABLE rate_limit (
    key {bytes} PRIMARY KEY,
    whole_at {int} NOT NULL
);
CREATE INDEX rate_limit_whole ON rate_limit (whole_at);

-- what is odd about the way it came in, until somebody has looked; NULL is nothing
ALTER TABLE proposal ADD COLUMN suspicion {json};
CREATE INDEX proposal_suspicious ON proposal (consultation_id, id) WHERE suspicion IS NOT NULL;
