"""Routes of ordering, of jobs, and of their events."""
