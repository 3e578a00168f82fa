"""Model families: what differs between FLUX and the next architecture, and nothing else."""
