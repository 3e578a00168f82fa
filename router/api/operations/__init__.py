"""Routes for those who look after the studio: figures, metrics, health."""
