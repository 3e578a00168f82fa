"""Pictures found again: by words, by what they are, by colour, by date; a page at a time, with counts."""
