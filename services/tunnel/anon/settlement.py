"""A plan, checked against the binary and laid down on the disk: what can be wrong is said before a start."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from services.common.errors import ConfigError
from services.tunnel.anon import terms
from services.tunnel.anon.anonrc import (
    CONTROL_PORT_FILE,
    TERMS_AGREED,
    TERMS_FILE,
    AnonPlan,
    anonrc,
    default_lines,
    own_lines,
)
from services.tunnel.anon.binary import flavour_of, options_of
from services.tunnel.anon.daemon import complaint
from services.tunnel.anon.flavour import Flavour
from services.tunnel.anon.life import NOT_ACCEPTED, WORDS
from services.tunnel.anon.options import SETTING, check_extra, check_own, extra_lines

_RC = "anonrc"
_DEFAULTS = "anonrc-defaults"
_CANDIDATE = "anonrc.new"


class Settled(Struct, frozen=True, kw_only=True):
    """
    A plan that the binary accepts.

    Attributes:
        plan: That.
        flavour: What the binary is.
        known: The options that it has.
    """

    plan: AnonPlan
    flavour: Flavour
    known: frozenset[str]

    @property
    def command(self) -> tuple[str, ...]:
        """What starts it."""
        return _command(self.plan, self.flavour, _RC)

    @property
    def control_port_file(self) -> Path:
        """Where it writes its control port's address."""
        return self.plan.data_dir / CONTROL_PORT_FILE


async def settle(plan: AnonPlan) -> Settled:
    """
    Check *plan* and write its configuration; nothing is started.

    Raises:
        ConfigError: The binary is none, its terms were not agreed to, or an option or a value is wrong: the
            message names the line.
    """
    flavour = await flavour_of(plan.binary)
    terms.require(flavour, agreed=plan.agreed)
    settled = Settled(plan=plan, flavour=flavour, known=await options_of(plan.binary, flavour))
    extra = tuple(extra_lines(plan.extra))
    program = f"{flavour.program} {flavour.version}"
    check_extra(extra, settled.known, program)
    check_own(own_lines(plan, os.getpid()), settled.known, program)
    _make_data_dir(plan)
    said = await _complaint(settled, tuple(line.text for line in extra))
    if not said:
        (plan.data_dir / _CANDIDATE).replace(plan.data_dir / _RC)
        return settled
    # anon does not say which line it was: the one without which all is well.
    for line in extra:
        if not await _complaint(settled, tuple(other.text for other in extra if other is not line)):
            raise ConfigError(f"{SETTING}, line {line.number}: {line.option} is not accepted: {said}.")
    raise ConfigError(f"{program} does not accept its configuration: {said}.")


async def _complaint(settled: Settled, extra: tuple[str, ...]) -> str:
    """What is wrong with a configuration with these lines of the operator's, which stays as the candidate."""
    plan = settled.plan
    text = anonrc(own_lines(plan, os.getpid()), default_lines(plan, settled.known, _geoip(plan)), extra)
    path = plan.data_dir / _CANDIDATE
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    said = await complaint(_command(plan, settled.flavour, _CANDIDATE), plan.data_dir)
    # Its own words are none when it aborts.
    return WORDS[said] if said == NOT_ACCEPTED else said.rstrip(".")


def _command(plan: AnonPlan, flavour: Flavour, rc: str) -> tuple[str, ...]:
    return (
        str(plan.binary),
        *("-f", str(plan.data_dir / rc)),
        # What stands in the system's own files is not part of the plan.
        *(f"--defaults-{flavour.rc}", str(plan.data_dir / _DEFAULTS)),
    )


def _make_data_dir(plan: AnonPlan) -> None:
    try:
        plan.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        plan.data_dir.chmod(0o700)
        (plan.data_dir / _DEFAULTS).write_bytes(b"")
        if plan.agreed:
            (plan.data_dir / TERMS_FILE).write_bytes(TERMS_AGREED)
        else:
            (plan.data_dir / TERMS_FILE).unlink(missing_ok=True)
    except OSError as exc:
        raise ConfigError(f"{plan.data_dir} can't be used: {exc.strerror}.") from exc


def _geoip(plan: AnonPlan) -> Path | None:
    folder = plan.binary.resolve().parent
    return folder if (folder / "geoip").is_file() and (folder / "geoip6").is_file() else None
