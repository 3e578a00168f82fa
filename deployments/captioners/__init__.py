"""Who says in words what pictures show: captioners behind one protocol."""
