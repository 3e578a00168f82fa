"""How it is known who asks: at the door, for every request, before anything else of it is looked at."""
