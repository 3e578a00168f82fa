"""Datasets: taken in, looked at before anything is learned from them, and changed in versions."""
