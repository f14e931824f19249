-- The codes of proposal_remark, a space between: what a proposal is counted by stands in its row.
ALTER TABLE proposal ADD COLUMN remarks TEXT NOT NULL DEFAULT '';
-- When it reached the desk, where that is known: what was said at a meeting is entered later. The wait for an answer starts here.
ALTER TABLE proposal ADD COLUMN received_at {time};
UPDATE proposal SET received_at = state_since WHERE state = 'submitted' AND NOT decided_before;
-- when the committee first asked or decided something
ALTER TABLE proposal ADD COLUMN first_answered_at {time};
UPDATE proposal SET first_answered_at = (SELECT min(at) FROM proposal_event WHERE proposal_id = proposal.id
        AND edge IN ('request_clarification', 'retain', 'merge', 'redirect', 'refuse', 'withhold'))
    WHERE state <> 'submitted' OR decided_before;

-- How many proposals are in a cell of a one- or two-way count. The other dimension is empty in a one-way count; axes and
-- territories are named by their id (the whole region by nothing).
CREATE TABLE tally (
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    dimension TEXT NOT NULL,
    other_dimension TEXT NOT NULL,
    code TEXT NOT NULL,
    other_code TEXT NOT NULL,
    count {int} NOT NULL,
    PRIMARY KEY (consultation_id, dimension, other_dimension, code, other_code)
);

-- What is not in the tally yet, written by triggers in the transaction that changes a proposal: a new row there instead of
-- a change here, so that no two writers wait for one another. The worker adds them up.
CREATE TABLE tally_change (
    id {id},
    consultation_id {int} NOT NULL,
    change {int} NOT NULL, -- 1 for what is counted from now on, -1 for what no longer is
    axis_id {int} NOT NULL,
    territory_id {int},
    age_band TEXT NOT NULL,
    gender TEXT NOT NULL,
    participant_type TEXT NOT NULL,
    residence TEXT NOT NULL,
    channel TEXT NOT NULL,
    state TEXT NOT NULL,
    language TEXT NOT NULL,
    remarks TEXT NOT NULL,
    public BOOLEAN NOT NULL,
    submitted_at {time} NOT NULL,
    received_at {time},
    first_answered_at {time},
    decided_at {time}
);
CREATE INDEX tally_change_consultation ON tally_change (consultation_id, id);

-- A published snapshot of the counts. What everybody may read of it stands in `content`, word for word as its checksum was
-- taken; `counts` are the true ones, which never leave: the next edition is compared with them.
CREATE TABLE edition (
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    number {int} NOT NULL,
    taken_at {time} NOT NULL,
    published_by {int} NOT NULL REFERENCES account (id),
    base {int} NOT NULL,
    checksum TEXT NOT NULL,
    content TEXT NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (consultation_id, number)
);

-- how many people came to the meetings of a consultation, by territory: a list of territory, people
ALTER TABLE consultation ADD COLUMN attendance {json} NOT NULL DEFAULT '[]';
