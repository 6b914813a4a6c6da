"""The Telegram channel: a bot account on any Bot API server."""
