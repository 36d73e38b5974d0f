"""The identity context: accounts, codes, sessions, the authorizer, staff, organisations, appeals, offices, regions and dictionaries."""
