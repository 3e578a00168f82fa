"""Who changed what that matters to others: rights, licences, the library, experiments, limits, and what was deleted."""
