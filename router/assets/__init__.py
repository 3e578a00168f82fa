"""Pictures, drawn and uploaded: their rows, their files, and what was made from what."""
