"""Tests of the judge, most of them on pictures that nobody has to draw with a model."""
