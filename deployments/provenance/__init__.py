"""Content credentials (C2PA): what a file says of where it comes from, signed; read, verified and taken out again."""
