-- A file of proposals that a coordinator sent. Its bytes are outside of the database, under the name in `object`.
CREATE TABLE import (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    account_id {int} NOT NULL REFERENCES account (id), -- who sent it
    sent_at {time} NOT NULL,
    object TEXT UNIQUE, -- none once the file is removed: after the import, or when its time is over
    size {int} NOT NULL, -- bytes
    format TEXT NOT NULL,
    preview {json}, -- its headers and first rows; goes with the file
    mapping {json} NOT NULL,
    state TEXT NOT NULL,
    fault TEXT, -- why it could not be read to its end
    fault_row {int},
    progress {int} NOT NULL, -- of the reading, in thousandths
    done_row {int} NOT NULL, -- the last row that was checked or written, by the file's numbers
    row_count {int} NOT NULL,
    new_count {int} NOT NULL,
    known_count {int} NOT NULL,
    wrong_count {int} NOT NULL,
    imported_count {int} NOT NULL,
    claimed_until {time}, -- a worker is at it until then, unless it says more
    finished_at {time}
);
CREATE INDEX import_consultation ON import (consultation_id, id);
CREATE INDEX import_running ON import (id) WHERE state IN ('checking', 'importing');
CREATE INDEX import_kept ON import (sent_at);

-- What is wrong with rows: the first ten thousand mistakes. What stands in texts is not repeated here.
CREATE TABLE import_mistake (
    id {id},
    import_id {int} NOT NULL REFERENCES import (id),
    line {int} NOT NULL, -- the row, as a spreadsheet numbers it
    field TEXT, -- the column; none if it is the row
    code TEXT NOT NULL,
    found TEXT, -- of columns that hold words of a list
    suggestion TEXT,
    number {int}
);
CREATE INDEX import_mistake_import ON import_mistake (import_id, id);
