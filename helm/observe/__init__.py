"""Dashboards, recording rules and alerts, made from what a studio reports: `python -m helm.observe`."""
