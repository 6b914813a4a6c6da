"""A strict stand-in for the Telegram Bot API: ``from tests.botapi.server import running_bot_api``."""
