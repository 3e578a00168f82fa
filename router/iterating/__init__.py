"""What a person does next with what was drawn: more of it, more like it, with other words, or finished."""
