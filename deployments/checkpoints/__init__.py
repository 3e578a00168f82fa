"""Weights on disk: found, checked and hashed before anything is built from them."""
