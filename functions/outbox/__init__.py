"""Delivers what a transaction promised: executions, task tokens, messages, short messages, scans to keep."""
