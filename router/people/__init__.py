"""Who asks, and for which team."""
