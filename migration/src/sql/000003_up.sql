-- The language an account's mail is written in.
ALTER TABLE account ADD COLUMN language TEXT NOT NULL DEFAULT 'ar';
-- The secret of the second factor is a keyed hash of a seed: with the database alone nobody can make a code.
ALTER TABLE account ADD COLUMN totp_seed {bytes};
ALTER TABLE account ADD COLUMN totp_pending {bytes}; -- shown, and not confirmed by a code yet
ALTER TABLE account ADD COLUMN totp_step {int}; -- the newest step a code was used of: none is used twice

DELETE FROM session;
ALTER TABLE session ADD COLUMN handle TEXT NOT NULL DEFAULT ''; -- its name in lists; opens nothing
ALTER TABLE session ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE session ADD COLUMN second_factor BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE session ADD COLUMN wrong_codes {int} NOT NULL DEFAULT 0;

-- One at most an account, gone once it was used or taken back. The token is a keyed hash of the seed.
CREATE TABLE invitation (
    id {id},
    account_id {int} NOT NULL UNIQUE REFERENCES account (id),
    seed {bytes} NOT NULL,
    token_hash {bytes} NOT NULL UNIQUE,
    expires_at {time} NOT NULL
);
CREATE INDEX invitation_expiry ON invitation (expires_at);

CREATE TABLE recovery_code (
    account_id {int} NOT NULL REFERENCES account (id),
    code_hash {bytes} NOT NULL,
    PRIMARY KEY (account_id, code_hash)
);

CREATE TABLE known_device (
    account_id {int} NOT NULL REFERENCES account (id),
    token_hash {bytes} NOT NULL,
    seen_at {time} NOT NULL,
    PRIMARY KEY (account_id, token_hash)
);
CREATE INDEX known_device_age ON known_device (seen_at);
