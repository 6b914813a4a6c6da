"""
The system user that Postgres runs as when we are root, which it refuses to be.

Nothing is opened further than it needs: other users may pass through the folders on the way to the
program and the data, but not list them.
"""

from __future__ import annotations

import os
import pwd
import stat
import subprocess
from pathlib import Path

from services.common.errors import ConfigError
from services.devstack.program import SystemUser

NAME = "darkroom-postgres"


def postgres_user() -> SystemUser | None:
    """
    Who Postgres runs as: ``None`` for who we are, else a system user that is made on first use.

    Raises:
        ConfigError: We are root and no user can be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        _make_user()
        entry = pwd.getpwnam(NAME)
    return SystemUser(name=NAME, uid=entry.pw_uid, gid=entry.pw_gid)


def _make_user() -> None:
    command = [
        "useradd",
        "--system",
        "--user-group",
        "--no-create-home",
        "--shell",
        "/usr/sbin/nologin",
        NAME,
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        reason = exc.stderr.strip() if isinstance(exc, subprocess.CalledProcessError) else str(exc)
        raise ConfigError(
            f"Postgres does not run as root, and the user {NAME} can't be made ({reason}). "
            "Run Darkroom as another user, or set DATABASE_URL to a Postgres of your own."
        ) from exc


def open_way(path: Path, user: SystemUser) -> list[Path]:
    """Let *user* pass through the folders above *path*; returns those that were closed until now."""
    opened: list[Path] = []
    for folder in path.parents:
        found = folder.stat()
        if found.st_uid != user.uid and not found.st_mode & stat.S_IXOTH:
            folder.chmod(stat.S_IMODE(found.st_mode) | stat.S_IXOTH)
            opened.append(folder)
    return opened


def open_tree(top: Path) -> None:
    """Let everyone read what is installed under *top*: it is not so after an install under a strict umask."""
    if top.stat().st_mode & stat.S_IROTH:
        return
    for path in (*top.rglob("*"), top):  # the top last: it says that the rest is done
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink():
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if mode & stat.S_IXUSR else 0))
