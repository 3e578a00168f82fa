"""What the pipeline makes of mini's pictures, judged: `make eval-pipelines`."""
