"""Teams: who is in them, and what is drawn with for them as long as a request does not say."""
