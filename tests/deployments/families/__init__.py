"""What all families promise alike."""
