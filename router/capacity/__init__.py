"""What capacity is needed, and why: pure functions of what is known, the same in production and in simulation."""
