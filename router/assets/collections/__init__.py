"""Collections: pictures that somebody has put together, in an order, each with a note."""
