"""What the services share by meaning: events, commands, replies, and how they become bytes."""
