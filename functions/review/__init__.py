"""The work of finance bureaus (财政局) and the units' side of it: inbox and decisions, people, integrity records, statistics, and
the steps of the workflows review and transfer.
"""
