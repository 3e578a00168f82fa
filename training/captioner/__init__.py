"""How mini's captioner is made: a classifier of what pictures of mini's world show, in any look."""
