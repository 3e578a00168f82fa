"""Whether the judge of trainings chooses as an exact oracle does."""
