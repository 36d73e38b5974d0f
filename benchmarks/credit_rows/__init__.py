"""What a row of a credit file costs before it meets a table."""
