"""`python -m serve capacity`: what capacity is planned, what the past would have been, and what was decided."""
