"""``darkroom``: the command line of whoever runs a deployment."""

from __future__ import annotations

import os
import signal


def main() -> None:
    """Run the command that the command line names."""
    interrupted = signal.getsignal(signal.SIGINT)
    if interrupted is signal.default_int_handler:
        # Until there is something to stop, Ctrl-C just ends it: no traceback out of an import.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from services.cli.commands import app  # noqa: PLC0415
    from services.common import log  # noqa: PLC0415

    signal.signal(signal.SIGINT, interrupted)
    log.configure("cli", "error")
    app(obj=dict(os.environ))


if __name__ == "__main__":
    main()
