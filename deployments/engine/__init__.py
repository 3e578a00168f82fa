"""The engine: one thread that owns a device and takes denoising steps for many requests at once. No Ray here."""
