"""What came of the studio: how much was drawn, with what, and how much of it was kept."""
