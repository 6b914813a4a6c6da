"""``darkroom tunnel install``: the anon program and the agreement to its terms, in the data directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from services.cli.outcome import Outcome, complain, print_json
from services.common.errors import ConfigError, RejectedError, UnavailableError
from services.devstack import data_dir
from services.tunnel.anon import terms
from services.tunnel.anon.binary import find_binary
from services.tunnel.anon.install import install

_BINARY = "ANON_BINARY"


def run(home: Path, environ: Mapping[str, str], *, agree_to_terms: bool, as_json: bool) -> Outcome:
    """
    Install anon below *home* unless ``ANON_BINARY`` names one, and keep that its terms were agreed to.

    It holds when both is so; it can't be told when npm does not get the package.
    """
    try:
        data_dir.make(home)
        given = environ.get(_BINARY, "")
        binary = find_binary(given, home) if given else install(home / "anon")
        if agree_to_terms:
            terms.agree(home)
    except UnavailableError as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.COULD_NOT_TELL
    except (ConfigError, RejectedError) as exc:
        complain(str(exc), as_json=as_json)
        return Outcome.DOES_NOT_HOLD
    agreed = terms.is_agreed(environ.get(terms.SETTING, ""), home)
    if as_json:
        print_json({"ok": agreed, "binary": binary, "agreed_to_terms": agreed, "terms": terms.WHERE})
    else:
        print(f"anon is {binary}.")
        if agreed:
            print(f"You have agreed to its terms of use, {terms.WHERE}.")
        else:
            print(
                f"It does not start before you have agreed to its terms of use: read them at {terms.WHERE}, "
                "then run this again with --agree-to-terms."
            )
    return Outcome.HOLDS if agreed else Outcome.DOES_NOT_HOLD
