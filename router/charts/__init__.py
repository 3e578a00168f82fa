"""Charts as shapes, which any page can draw, and as files of them."""
