-- set once: the words and whatever tells who wrote them are gone, the row stays for the count
ALTER TABLE proposal ADD COLUMN erased_at {time};
-- for the terms of retention: what may be due, by how long it has been so
CREATE INDEX proposal_contact ON proposal (consultation_id) WHERE email IS NOT NULL;
CREATE INDEX proposal_put_away ON proposal (consultation_id, state, state_since)
    WHERE erased_at IS NULL AND state IN ('withdrawn', 'withheld');

-- which proposal a mail is about: NULL for mails to staff, and for those written before this column
ALTER TABLE outbox ADD COLUMN proposal_id {int};
CREATE INDEX outbox_proposal ON outbox (proposal_id) WHERE proposal_id IS NOT NULL;

ALTER TABLE consultation ADD COLUMN published_at {time};
-- who answers for people's data, and for how many days each kind is kept
ALTER TABLE consultation ADD COLUMN privacy {json};

-- What was erased is gone from the tables at once. Where an engine keeps old words beside them (index segments, its log,
-- dead rows), the worker sweeps them out, and takes the line away when it has.
CREATE TABLE sweep (
    id {id},
    asked_at {time} NOT NULL
);
