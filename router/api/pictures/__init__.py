"""Routes of what was drawn or brought: pictures, collections, recipes, replays, verification, and going on from one."""
