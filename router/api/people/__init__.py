"""Routes of who is here: sign-in, keys, spaces, quotas, and the audit."""
