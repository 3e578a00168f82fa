"""The seams to Ray: the application, the handles, the launcher."""
