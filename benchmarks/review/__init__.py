"""The review: what a page of an inbox reads, however full it is, and what a review costs in state transitions."""
