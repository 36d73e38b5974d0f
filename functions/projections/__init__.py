"""Keeps what lists and counts read: the summary of each person's year, and the counters of the statistics."""
