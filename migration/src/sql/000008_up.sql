-- whether the texts everybody could read hold what looks like personal data, and whether the author keeps it knowingly
ALTER TABLE proposal ADD COLUMN personal_data BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE proposal ADD COLUMN personal_data_acknowledged BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX proposal_personal_data ON proposal (consultation_id, id) WHERE personal_data;

-- whether the worker has looked for proposals that are nearly the same
ALTER TABLE proposal ADD COLUMN compared BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX proposal_not_compared ON proposal (id) WHERE NOT compared;

-- What proposals that share many words are found by. A hash says nothing about the words.
CREATE TABLE proposal_band (
    hash {int} NOT NULL,
    proposal_id {int} NOT NULL REFERENCES proposal (id),
    PRIMARY KEY (hash, proposal_id)
);
CREATE INDEX proposal_band_proposal ON proposal_band (proposal_id);

-- Who is nearly the same as somebody else. A group is named by a proposal that is or was in it.
CREATE TABLE proposal_copy (
    proposal_id {int} PRIMARY KEY REFERENCES proposal (id),
    group_id {int} NOT NULL,
    submitted_at {time} NOT NULL,
    burst BOOLEAN NOT NULL -- the group had grown fast when this one came
);
CREATE INDEX proposal_copy_group ON proposal_copy (group_id, submitted_at);
