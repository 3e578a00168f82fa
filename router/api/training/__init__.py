"""Routes of datasets, their preflight, and trainings."""
