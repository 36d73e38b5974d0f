"""Transfers (调转) as their workflow moves them: who is told, what the record becomes, the lists of the bureaus."""
