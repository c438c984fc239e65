"""The frontier (who may be fetched next) and the ledger (the state of every address), in Redis."""
