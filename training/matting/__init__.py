"""The network that cuts subjects out where the ground is not flat, trained on mini's world."""
