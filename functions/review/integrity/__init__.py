"""Integrity records (诚信记录) as bureaus enter, confirm and revoke them."""
