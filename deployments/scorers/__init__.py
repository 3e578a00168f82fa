"""How well pictures fit their prompts: scorers behind one protocol."""
