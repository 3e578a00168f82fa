"""Routes of experiments, blind votes, comparisons and champions."""
