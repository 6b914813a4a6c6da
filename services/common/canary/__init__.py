"""The canary: each process near a backend finds out, now and then, that it reaches one by its way alone."""
