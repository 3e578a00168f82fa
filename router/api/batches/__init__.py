"""Routes of many jobs in one call."""
