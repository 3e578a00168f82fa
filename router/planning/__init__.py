"""From a request to a plan: what its asset type, its quality and its model settle where it leaves things open."""
