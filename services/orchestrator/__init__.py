"""The orchestrator: decides, and is the only writer of the log."""
