"""Links that show a picture or a collection to whoever has them: signed, for a while, and revocable."""
