"""One file a step. A step is history: it names its tables in full and imports none of today's."""
