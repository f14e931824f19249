-- The words and stems come folded from the domain, so the configuration is always 'simple'.
CREATE TABLE proposal_search (
    rowid BIGINT PRIMARY KEY REFERENCES proposal (id),
    terms TSVECTOR NOT NULL
);
CREATE INDEX proposal_search_terms ON proposal_search USING gin (terms);
