"""LoRAs put together, resized, and taken out of models that were tuned whole."""
