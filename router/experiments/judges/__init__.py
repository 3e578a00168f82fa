"""What says of two pictures which one people would prefer, before they have: judges save votes and decide nothing."""
