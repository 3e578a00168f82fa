"""One stream of events for each tab, over all jobs of whoever looks at it."""
