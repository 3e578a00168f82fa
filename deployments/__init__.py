"""The workshop: what a replica runs. Messages, model families, stages; torch lives here."""
