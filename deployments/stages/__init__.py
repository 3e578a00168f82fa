"""The stages after the model: enlarging, and the files that leave the studio."""
