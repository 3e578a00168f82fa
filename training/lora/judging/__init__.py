"""Which checkpoint of a training to take, and at which strength: drawn, measured, and said with reasons."""
