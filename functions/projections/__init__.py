"""Keeps what lists and counts read: the summary of each person's year, recomputed from the entries."""
