"""The tunnel's own canary."""
