-- Photos of proposals. The bytes are outside of the database, under the name in `object`, which is random.
CREATE TABLE attachment (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    token_hash {bytes} NOT NULL UNIQUE, -- by its token whoever sent it names it in the proposal
    proposal_id {int} REFERENCES proposal (id), -- none while it waits for its proposal
    number {int}, -- its place in the proposal, from 1
    object TEXT NOT NULL UNIQUE,
    sha256 {bytes} NOT NULL, -- of what is kept, which is what the ledger's entry commits to
    size {int} NOT NULL, -- bytes
    width {int} NOT NULL, -- pixels
    height {int} NOT NULL,
    created_at {time} NOT NULL,
    CHECK ((proposal_id IS NULL) = (number IS NULL)),
    UNIQUE (proposal_id, number)
);
CREATE INDEX attachment_waiting ON attachment (created_at) WHERE proposal_id IS NULL;

-- Files that the worker is to remove: of photos that were forgotten, and of those that are just being sent, should
-- their row never come. A transaction can undo a row but no file, so it writes down here what is to follow it.
CREATE TABLE file_removal (
    object TEXT PRIMARY KEY,
    due {time} NOT NULL
);
CREATE INDEX file_removal_due ON file_removal (due);
