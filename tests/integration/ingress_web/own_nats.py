"""A NATS of a test's own, that can be stopped and started again on the same port with what it held."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from services.devstack import data_dir, nats, nats_users, secret_file
from services.devstack.log_file import LogFile
from services.devstack.ports import HOST, free_port
from services.devstack.process import Process
from tests.servers import TESTER, eventually


class OwnNats:
    """Down until it is started."""

    def __init__(self, home: Path) -> None:
        data_dir.make(home)
        port = free_port()
        passwords = {user: secret_file.new_password() for user in nats_users.all_users()}
        config: Any = nats.configuration(home, port, passwords, durable=False)
        config["authorization"]["users"].append({"user": TESTER, "password": TESTER})
        (home / "nats.conf").write_bytes(msgspec.json.encode(config))
        self._program = nats.program(home, port)
        self._log = LogFile(home / "logs", "nats")
        self._process: Process | None = None
        self.url = f"nats://{TESTER}:{TESTER}@{HOST}:{port}"

    async def start(self) -> None:
        """Start, and wait until it answers."""
        process = self._process = Process(self._program, self._log)

        async def ready() -> bool:
            assert process.exit_code is None, self._log.last_sentence()
            return not await self._program.ready()

        await eventually(ready)

    async def stop(self) -> None:
        """Stop; what it holds stays on disk."""
        if self._process is not None:
            await self._process.stop()
            self._process = None
