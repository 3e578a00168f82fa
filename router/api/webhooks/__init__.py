"""Routes of webhooks, and what they tell."""
