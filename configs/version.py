"""The version that files, answers and the package agree on."""

VERSION = "0.1.0"
