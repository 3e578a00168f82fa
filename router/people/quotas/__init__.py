"""How much people, spaces and keys may have drawn, counted in the transaction that accepts a job."""
