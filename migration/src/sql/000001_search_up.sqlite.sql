-- The words and stems come folded from the domain, so the tokenizer has nothing left to decide.
CREATE VIRTUAL TABLE proposal_search USING fts5 (
    terms, content = '', contentless_delete = 1, detail = none,
    tokenize = 'unicode61 remove_diacritics 0'
);
