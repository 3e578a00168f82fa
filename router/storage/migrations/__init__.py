"""The way from each schema to the next; `python -m router.storage check` says whether a database has walked it."""
