-- The salt opens what the step's entry commits to; both are NULL for steps older than the ledger until they are adopted.
-- Erasing somebody's words removes the salt with them: the entry then says nothing any more, and still stands.
ALTER TABLE proposal_event ADD COLUMN salt {bytes};
ALTER TABLE proposal_event ADD COLUMN leaf {bytes};
CREATE INDEX proposal_event_unlogged ON proposal_event (id) WHERE leaf IS NULL;

-- Entries that have happened and have no place yet: written in the transaction of the step, moved on by the worker.
CREATE TABLE ledger_pending (
    id {id},
    leaf {bytes} NOT NULL UNIQUE,
    entry TEXT NOT NULL
);

-- From here on nothing changes: see the guards.
CREATE TABLE ledger (
    position {int} PRIMARY KEY, -- from 0, without a gap
    leaf {bytes} NOT NULL UNIQUE,
    entry TEXT NOT NULL
);

-- The complete subtrees; level 0 are the leaves.
CREATE TABLE ledger_node (
    level {int} NOT NULL,
    place {int} NOT NULL,
    hash {bytes} NOT NULL,
    PRIMARY KEY (level, place)
);

CREATE TABLE ledger_checkpoint (
    id {id},
    size {int} NOT NULL,
    at {time} NOT NULL,
    note TEXT NOT NULL
);
