-- how many texts were erased is part of the name of every file of open data, asked for with each
CREATE INDEX proposal_erased ON proposal (id) WHERE erased_at IS NOT NULL;
