-- how many texts were erased, and how many taken off the public list, is part of the name of every file of open data,
-- asked for with each
CREATE INDEX proposal_erased ON proposal (id) WHERE erased_at IS NOT NULL;
CREATE INDEX proposal_event_taken ON proposal_event (id) WHERE edge IN ('withhold', 'withdraw');

-- Files that the worker writes into the file storage, so that a large one can be fetched in parts. One of each kind; a
-- new one takes its place. `claimed_until` is how long the worker that writes it may be silent before another begins anew.
CREATE TABLE export_file (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    dataset TEXT NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'ready')),
    object TEXT, -- its name in the file storage
    mark TEXT, -- what the data were like when it was begun
    taken TEXT, -- what had been taken off the public list by then: once there is more, nobody gets the file
    rows_done {int} NOT NULL DEFAULT 0,
    rows_total {int} NOT NULL DEFAULT 0,
    size {int}, -- bytes
    sha256 {bytes},
    asked_at {time} NOT NULL,
    claimed_until {time},
    finished_at {time},
    CHECK (state <> 'ready' OR (object IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL)),
    UNIQUE (consultation_id, dataset, format)
);
