"""The procedural world that mini learns: scenes as data, drawn as vectors, with masks."""
