"""What people are told: in-site messages."""
