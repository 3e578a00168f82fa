"""The studio on Kubernetes, and what watches over it."""
