-- Texts in several languages are JSON objects by language code: adding a language adds no column.
CREATE TABLE consultation (
    id {id},
    slug TEXT NOT NULL UNIQUE,
    prefix TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'published', 'archived')),
    moderation TEXT NOT NULL CHECK (moderation IN ('before', 'after')),
    opens_at {time} NOT NULL,
    closes_at {time} NOT NULL,
    title {json} NOT NULL,
    description {json} NOT NULL,
    consent_version TEXT NOT NULL,
    consent_text {json} NOT NULL,
    -- what a regional council may do, with the source of each line: data an administrator edits
    competences {json} NOT NULL,
    demo BOOLEAN NOT NULL DEFAULT FALSE,
    version {int} NOT NULL DEFAULT 1,
    created_at {time} NOT NULL,
    CHECK (opens_at < closes_at)
);

CREATE TABLE axis (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    position {int} NOT NULL,
    code TEXT NOT NULL,
    label {json} NOT NULL,
    hint {json} NOT NULL,
    UNIQUE (consultation_id, code)
);

CREATE TABLE territory (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    position {int} NOT NULL,
    code TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('province', 'prefecture')),
    label {json} NOT NULL,
    UNIQUE (consultation_id, code)
);

CREATE TABLE account (
    id {id},
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('moderator', 'coordinator', 'analyst', 'administrator')),
    -- the codes a moderator is assigned to; NULL is all of them
    axes {json},
    territories {json},
    password_hash TEXT NOT NULL,
    disabled BOOLEAN NOT NULL DEFAULT FALSE,
    version {int} NOT NULL DEFAULT 1,
    created_at {time} NOT NULL
);

-- Only a hash of the token is kept: a stolen dump opens no session.
CREATE TABLE session (
    token_hash {bytes} PRIMARY KEY,
    account_id {int} NOT NULL REFERENCES account (id),
    created_at {time} NOT NULL,
    expires_at {time} NOT NULL
);
CREATE INDEX session_account ON session (account_id);
CREATE INDEX session_expiry ON session (expires_at);

-- Short columns stand first, long texts last: a scan for statistics must not walk over the texts.
CREATE TABLE proposal (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    axis_id {int} NOT NULL REFERENCES axis (id),
    territory_id {int} REFERENCES territory (id), -- the territory concerned; NULL is the whole region
    version {int} NOT NULL DEFAULT 1,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'clarification_requested', 'retained', 'merged', 'redirected',
        'not_retained', 'withheld', 'withdrawn', 'drafted', 'adopted')),
    channel TEXT NOT NULL,
    language TEXT NOT NULL,
    age_band TEXT NOT NULL,
    gender TEXT NOT NULL,
    participant_type TEXT NOT NULL,
    residence TEXT NOT NULL, -- a territory code, outside_region or not_stated
    public BOOLEAN NOT NULL, -- what the moderation rule and the state say, kept for the indexes below
    decided_before BOOLEAN NOT NULL DEFAULT FALSE,
    sealed BOOLEAN NOT NULL DEFAULT FALSE, -- withheld and not retained since: not even an appeal makes it public
    appealed BOOLEAN NOT NULL DEFAULT FALSE,
    assigned_to {int} REFERENCES account (id),
    merged_into {int} REFERENCES proposal (id),
    submitted_at {time} NOT NULL,
    state_since {time} NOT NULL,
    decided_at {time},
    clarification_due {time},
    withhold_requested_by {int} REFERENCES account (id),
    withhold_reason TEXT,
    -- the receipt code is a keyed hash of the seed: with the database alone nobody can make it, and no code is kept
    code_seed {bytes},
    code_hash {bytes} UNIQUE, -- NULL for imported proposals: nobody holds their receipt
    external_id TEXT,
    organisation TEXT,
    name_organisation BOOLEAN NOT NULL DEFAULT FALSE,
    email TEXT,
    consent_version TEXT,
    consent_language TEXT,
    consent_at {time},
    populations {json} NOT NULL,
    title TEXT NOT NULL,
    title_translations {json} NOT NULL,
    problem TEXT NOT NULL,
    solution TEXT NOT NULL,
    expected_change TEXT,
    UNIQUE (consultation_id, external_id)
);
-- the public list and each of its filters, in order of arrival
CREATE INDEX proposal_public ON proposal (consultation_id, id) WHERE public;
CREATE INDEX proposal_public_axis ON proposal (consultation_id, axis_id, id) WHERE public;
CREATE INDEX proposal_public_territory ON proposal (consultation_id, territory_id, id) WHERE public;
CREATE INDEX proposal_public_channel ON proposal (consultation_id, channel, id) WHERE public;
-- the public list by state, the desk queue (oldest first) and its counts
CREATE INDEX proposal_state ON proposal (consultation_id, state, id);
CREATE INDEX proposal_state_axis ON proposal (consultation_id, state, axis_id, id);
CREATE INDEX proposal_waiting ON proposal (consultation_id, state_since) WHERE state = 'submitted';
CREATE INDEX proposal_assigned ON proposal (assigned_to, id) WHERE assigned_to IS NOT NULL;
-- every one- and two-way count reads this index and never the table, but for those by day
CREATE INDEX proposal_statistics ON proposal (consultation_id, state, axis_id, age_band, gender, participant_type,
    residence, territory_id, channel, language, public);
CREATE INDEX proposal_merged_into ON proposal (merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX proposal_clarification_due ON proposal (clarification_due) WHERE state = 'clarification_requested';
CREATE INDEX proposal_withhold ON proposal (consultation_id, id) WHERE withhold_requested_by IS NOT NULL;
CREATE INDEX proposal_appealed ON proposal (consultation_id, id) WHERE appealed;

-- The same request sent twice makes one proposal.
CREATE TABLE idempotency (
    key_hash {bytes} PRIMARY KEY,
    fingerprint {bytes} NOT NULL,
    proposal_id {int} REFERENCES proposal (id),
    created_at {time} NOT NULL
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE proposal_event (
    id {id},
    proposal_id {int} NOT NULL REFERENCES proposal (id),
    edge TEXT NOT NULL,
    from_state TEXT,
    to_state TEXT NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('participant', 'account', 'clock', 'import')),
    account_id {int} REFERENCES account (id),
    at {time} NOT NULL,
    reason TEXT,
    target_id {int} REFERENCES proposal (id),
    competence {json},
    text_language TEXT,
    text TEXT
);
CREATE INDEX proposal_event_proposal ON proposal_event (proposal_id, id);

CREATE TABLE proposal_remark (
    proposal_id {int} NOT NULL REFERENCES proposal (id),
    remark TEXT NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    PRIMARY KEY (proposal_id, remark)
);

-- Internal: a note never leaves the desk.
CREATE TABLE note (
    id {id},
    proposal_id {int} NOT NULL REFERENCES proposal (id),
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX note_proposal ON note (proposal_id, id);

CREATE TABLE draft (
    id {id},
    consultation_id {int} NOT NULL REFERENCES consultation (id),
    axis_id {int} NOT NULL REFERENCES axis (id),
    state TEXT NOT NULL CHECK (state IN ('drafting', 'in_review', 'revised', 'ratified', 'adopted', 'set_aside')),
    version {int} NOT NULL DEFAULT 1, -- of the record: every change of text, sources or state
    text_version {int} NOT NULL DEFAULT 1, -- of the text: the newest row of draft_version
    blocking {int} NOT NULL,
    advice {int} NOT NULL,
    adopted_session TEXT,
    created_at {time} NOT NULL,
    updated_at {time} NOT NULL,
    title TEXT NOT NULL
);
CREATE INDEX draft_list ON draft (consultation_id, id);
CREATE INDEX draft_state ON draft (consultation_id, state, id);
CREATE INDEX draft_axis ON draft (consultation_id, axis_id, id);

CREATE TABLE draft_version (
    draft_id {int} NOT NULL REFERENCES draft (id),
    version {int} NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    title TEXT NOT NULL,
    content {json} NOT NULL,
    PRIMARY KEY (draft_id, version)
);

CREATE TABLE draft_source (
    draft_id {int} NOT NULL REFERENCES draft (id),
    proposal_id {int} NOT NULL REFERENCES proposal (id),
    link TEXT NOT NULL CHECK (link IN ('as_is', 'merged', 'reworded', 'inspired')),
    PRIMARY KEY (draft_id, proposal_id)
);
CREATE INDEX draft_source_proposal ON draft_source (proposal_id);

CREATE TABLE draft_remark (
    id {id},
    draft_id {int} NOT NULL REFERENCES draft (id),
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    closed_by_version {int},
    field TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX draft_remark_draft ON draft_remark (draft_id, id);

-- A signature is for one version of the text: a later version does not inherit it.
CREATE TABLE draft_signature (
    draft_id {int} NOT NULL REFERENCES draft (id),
    version {int} NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    PRIMARY KEY (draft_id, version, account_id)
);

CREATE TABLE draft_event (
    id {id},
    draft_id {int} NOT NULL REFERENCES draft (id),
    edge TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    account_id {int} NOT NULL REFERENCES account (id),
    at {time} NOT NULL,
    reason TEXT
);
CREATE INDEX draft_event_draft ON draft_event (draft_id, id);

-- Mail waits here, written in the transaction of the fact it tells: no fact without its mail, no mail without its fact.
CREATE TABLE outbox (
    id {id},
    kind TEXT NOT NULL,
    language TEXT NOT NULL,
    attempts {int} NOT NULL DEFAULT 0,
    created_at {time} NOT NULL,
    next_attempt_at {time}, -- NULL once sent or given up
    sent_at {time},
    last_error TEXT,
    recipient TEXT NOT NULL,
    payload {json} NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
