"""People as they see themselves: account page, draft, scans, submissions."""
