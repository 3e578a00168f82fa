"""`python -m atelier` is the command `atelier`."""

from atelier.cli import run

run()
