"""Pictures that users bring: taken in, found again by name, and fitted to what a replica is asked for."""
