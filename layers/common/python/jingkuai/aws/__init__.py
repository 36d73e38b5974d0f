"""Adapters: the one floor that talks to AWS. Rules stay in `domain`, HTTP in `web`."""
