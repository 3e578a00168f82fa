"""Network architectures that no dependency brings: each loads the state dicts its authors published."""
