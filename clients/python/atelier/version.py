"""The version, in one place; pyproject.toml agrees, and a test says so."""

VERSION = "0.1.0"
