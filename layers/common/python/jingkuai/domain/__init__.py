"""Pure rules and value types of the registry: no boto3, no Powertools, no I/O beyond the package's own data."""
