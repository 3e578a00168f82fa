"""Tests of merging, against exact arithmetic."""
