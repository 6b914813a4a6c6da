"""``python -m services.ingress telegram`` or ``… web``: one channel a process."""

from __future__ import annotations

import os
import sys

from services.common.run import EXIT_CONFIG, run


def main() -> None:
    """Start the channel that the command line names; only that channel's libraries are loaded."""
    channel = sys.argv[1] if len(sys.argv) == 2 else ""
    match channel:
        case "telegram":
            from services.ingress.telegram.main import main as serve  # noqa: PLC0415 - the web needs no telegram
        case "web":
            from services.ingress.web.main import main as serve  # noqa: PLC0415 - and the other way round
        case _:
            sys.stderr.write("Say which channel: python -m services.ingress telegram, or … web\n")
            sys.exit(EXIT_CONFIG)
    environ = dict(os.environ)
    run(
        f"ingress-{channel}",
        lambda stopping: serve(environ, stopping),
        level=environ.get("LOG_LEVEL") or "info",
    )


if __name__ == "__main__":
    main()
