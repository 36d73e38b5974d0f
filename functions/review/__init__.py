"""The work of finance bureaus (财政局): inbox and decisions, and the steps of the review workflow."""
