-- Who did what, and who read what about people. Codes, numbers and references only: no name, address or text.
CREATE TABLE audit (
    id {id},
    at {time} NOT NULL,
    account_id {int} REFERENCES account (id), -- NULL: somebody who tried to sign in under an address that nobody has
    role TEXT, -- what the account was then
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    object_key TEXT NOT NULL, -- a reference, a number, a slug or a route
    consultation_id {int} REFERENCES consultation (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('done', 'refused')),
    request_id TEXT NOT NULL
);
-- the list, newest first, and each of its filters; the first also counts what one account has read of late
CREATE INDEX audit_account ON audit (account_id, at, id);
CREATE INDEX audit_action ON audit (action, at, id);
CREATE INDEX audit_object ON audit (object, at, id);
CREATE INDEX audit_key ON audit (object_key, at, id);
CREATE INDEX audit_at ON audit (at, id);

-- What an administrator wants to take away, and why.
CREATE TABLE export_approval (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    asked_by {int} NOT NULL REFERENCES account (id),
    asked_at {time} NOT NULL,
    used_at {time},
    reason TEXT NOT NULL
);

CREATE TABLE export_signature (
    approval_id {int} NOT NULL REFERENCES export_approval (id),
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    PRIMARY KEY (approval_id, account_id)
);
