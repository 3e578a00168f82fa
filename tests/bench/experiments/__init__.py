"""What experiments cost, and what other ways to count votes get wrong."""
