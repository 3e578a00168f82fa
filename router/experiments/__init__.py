"""Which is better: who draws with what, blind votes, rankings, and what becomes the champion."""
