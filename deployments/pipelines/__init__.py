"""Models that are called whole: one call from prompt to picture, for as many equal requests as pay."""
