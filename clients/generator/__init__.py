"""What writes the parts of the clients that follow from elsewhere. Nothing of it is installed with them."""
