"""Tests of deployments/loras."""
