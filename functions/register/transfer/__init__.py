"""Transfers (调转) as the person sees them: the way told beforehand, filing, papers, cancelling."""
