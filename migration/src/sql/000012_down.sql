DROP INDEX proposal_erased;
