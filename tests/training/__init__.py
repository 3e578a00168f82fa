"""Tests of training: the world, mini, and how LoRAs are made and judged."""
