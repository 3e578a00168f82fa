"""The file store: files by their content, and what happens while it is away. For front door and replicas: no torch."""
