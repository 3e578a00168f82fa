"""Families that are called whole, for the LoRA trainer: it steps their denoisers itself."""
