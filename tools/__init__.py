"""Developer commands: set-up, the local stack, the checks of `make test`. Nothing here is deployed."""
