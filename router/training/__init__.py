"""Trainings as jobs: asked for, planned, run, and their LoRAs taken into the library."""
