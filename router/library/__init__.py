"""What people make while the studio runs: versioned entries, and marks that say which version is in use."""
