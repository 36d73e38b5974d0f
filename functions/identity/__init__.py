"""The identity context: accounts, one-time codes, sessions, the API authorizer, regions and dictionaries."""
