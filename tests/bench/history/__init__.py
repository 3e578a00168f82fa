"""How long a page of somebody's history takes, by how many pictures there are."""
