"""What pictures may be used for: verdicts over all that took part in them, what lifts these, and who has to say so."""
