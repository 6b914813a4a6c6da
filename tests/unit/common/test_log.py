"""Logs carry no private data."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

LOGGING = """
import logging, structlog
from services.common import log
log.configure("tester")
"""


def logged(statement: str) -> dict[str, Any]:
    """The one line that *statement* logs in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", LOGGING + statement], check=True, capture_output=True, text=True, timeout=60
    )
    return json.loads(done.stderr)


def test_private_fields_are_not_logged() -> None:
    """Whatever a caller passes under a private name is replaced."""
    line = logged("structlog.get_logger().info('handled', prompt='a secret', chat_id=42, job='j1')")

    assert ("[private]", "[private]", "j1") == (line["prompt"], line["chat_id"], line["job"])
    assert "tester" == line["service"]


def test_libraries_arguments_are_not_logged() -> None:
    """A library's warning may quote a URL with a token: only its template is kept."""
    line = logged("logging.getLogger('httpx').warning('HTTP %s failed', 'https://host/bot123:token/getMe')")

    assert "token" not in json.dumps(line)
    assert "HTTP %s failed" == line["message"]


def test_a_traceback_is_logged_without_the_values_of_variables() -> None:
    """An error shows where it was, not what was in hand."""
    line = logged("prompt = 'a secret'\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n"
                  "    structlog.get_logger().exception('crashed')")  # fmt: skip

    assert "ZeroDivisionError" in line["exception"]
    assert "a secret" not in json.dumps(line)
