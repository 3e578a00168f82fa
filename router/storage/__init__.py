"""The database itself: how it is reached, how its schema changes, and how documents in it are read."""
