"""The credits context: the yearly ledger, bulk import of credit files, certificates."""
