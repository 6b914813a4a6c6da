"""The data directory, its logs, and what a killed run left there."""

from __future__ import annotations

import os
import signal
import stat
from pathlib import Path

import msgspec
import pytest

from services.common.errors import ConfigError
from services.devstack import data_dir, leftovers, run_record, system_user
from services.devstack.log_file import LogFile
from services.devstack.ports import free_port, is_free
from services.devstack.process import Process, creation_time, is_alive
from services.devstack.program import SystemUser
from services.devstack.run_record import Running, RunRecord
from tests.integration.devstack import fakes


def record(processes: dict[str, Running], *, pid: int, created_at: float) -> RunRecord:
    """A run of *pid*."""
    return RunRecord(
        pid=pid,
        created_at=created_at,
        url="http://127.0.0.1:1",
        simulated=True,
        backends={},
        tunnel_url="",
        database_url="",
        nats_url="",
        processes=processes,
    )


def test_second_run_is_told_who_has_it(tmp_path: Path) -> None:
    """While one holds the folder another gets a sentence with the process and the address."""
    mine = record({}, pid=os.getpid(), created_at=creation_time(os.getpid()))
    with data_dir.claimed(tmp_path):
        run_record.write(tmp_path, mine)
        with (
            pytest.raises(ConfigError, match=rf"is starting on .*\(process {os.getpid()}\)"),
            data_dir.claimed(tmp_path),
        ):
            pass
        run_record.write(tmp_path, msgspec.structs.replace(mine, is_ready=True))
        with (
            pytest.raises(
                ConfigError, match=rf"already runs.*http://127\.0\.0\.1:1 \(process {os.getpid()}\)"
            ),
            data_dir.claimed(tmp_path),
        ):
            pass
    with data_dir.claimed(tmp_path):
        pass


def test_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    """The sentence names the folder and the remedy."""
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"file/home can't be used.*--data"):
        data_dir.make(tmp_path / "file" / "home")


def test_record_of_a_dead_run_is_not_a_running_stack(tmp_path: Path) -> None:
    """A process id that belongs to somebody else by now does not count."""
    run_record.write(tmp_path, record({}, pid=os.getpid(), created_at=creation_time(os.getpid()) - 100))

    assert run_record.read(tmp_path) is not None
    assert run_record.running(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"pid": 1}'])
def test_unreadable_record_is_no_record(tmp_path: Path, content: bytes) -> None:
    """A record that another version or half a write left is as good as none."""
    (tmp_path / "run.json").write_bytes(content)

    assert run_record.read(tmp_path) is None


async def test_leftovers_are_ended_and_strangers_left_alone(tmp_path: Path) -> None:
    """What a killed run left is ended; a process that only has the same id is not."""
    mine = Process(fakes.steady(tmp_path, "mine"), LogFile(tmp_path, "mine"))
    stranger = Process(fakes.steady(tmp_path, "stranger"), LogFile(tmp_path, "stranger"))
    processes = {
        "mine": Running(pid=mine.pid, created_at=mine.created_at, health_port=0, stop_signal=signal.SIGKILL),
        "stranger": Running(
            pid=stranger.pid, created_at=stranger.created_at - 100, health_port=0, stop_signal=signal.SIGKILL
        ),
    }

    assert ["mine"] == leftovers.end(record(processes, pid=1, created_at=0))
    alive = [is_alive(it.pid, it.created_at) for it in (mine, stranger)]
    for process in (mine, stranger):
        await process.stop()

    assert [False, True] == alive


def test_where_no_record_can_be_is_none(tmp_path: Path) -> None:
    """A file in the folder's place is no reason for a traceback."""
    (tmp_path / "file").touch()

    assert run_record.running(tmp_path / "file") is None


def test_log_is_cut_when_it_grows(tmp_path: Path) -> None:
    """Past its size the log starts afresh, the older part stays beside it, and writing goes on."""
    log = LogFile(tmp_path, "web")
    with log.opened() as fd:
        os.write(fd, b"old " * 10)
        log.rotate(max_bytes=20)
        os.write(fd, b"new\n")

    assert ("new\n", "old " * 10) == (log.path.read_text(), (tmp_path / "web.log.1").read_text())


def test_last_sentence_is_of_this_run(tmp_path: Path) -> None:
    """Words come before JSON, and what an earlier run wrote does not count."""
    log = LogFile(tmp_path, "web")
    log.path.write_text("an old sentence\n")
    with log.opened() as fd:
        silent = log.last_sentence()
        os.write(fd, b'a sentence\n{"event":"x"}\n\n')

    assert ("", "a sentence") == (silent, log.last_sentence())


def test_ports_are_free_and_never_given_twice() -> None:
    """Ports lie outside the range of outgoing connections, and each is handed out once."""
    ports = [free_port() for _ in range(50)]
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])

    assert 50 == len(set(ports))
    assert all(is_free(port) and port < max(lowest, 32_768) for port in ports)


def test_only_what_is_closed_is_opened_and_only_to_pass(tmp_path: Path) -> None:
    """Another user may pass through the folders on the way, and can list none of them."""
    closed, target = tmp_path / "closed", tmp_path / "closed" / "open" / "target"
    target.mkdir(parents=True)
    (closed / "open").chmod(0o755)
    closed.chmod(0o700)
    opened = system_user.open_way(target, SystemUser(name="other", uid=65_500, gid=65_500))

    assert closed in opened
    assert closed / "open" not in opened
    assert 0o701 == stat.S_IMODE(closed.stat().st_mode)
    assert [] == system_user.open_way(target, SystemUser(name="other", uid=65_500, gid=65_500))
