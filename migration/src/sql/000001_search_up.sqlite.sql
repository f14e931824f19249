-- The words and stems come folded from the domain, separated by spaces, so the tokenizer has nothing left to decide:
-- every character that is no space belongs to its word. Left to its own idea of a letter it would cut a word in two,
-- and with detail = none a query of two tokens in a row is an error.
CREATE VIRTUAL TABLE proposal_search USING fts5 (
    terms, content = '', contentless_delete = 1, detail = none,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'"
);
