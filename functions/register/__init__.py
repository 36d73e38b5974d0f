"""People as they see themselves: account page, record, draft, scans, submissions, transfers, rights."""
