"""Whether something goes around the tunnel: verdicts on ``egress-<position>``, when they change."""

from __future__ import annotations

from schemas.egress import Checked


class EgressVerified(Checked, frozen=True, kw_only=True, tag="egress.verified.v1"):
    """The way through works, a direct one does not, and nothing leads elsewhere: all of it was seen."""


class EgressLeaked(Checked, frozen=True, kw_only=True, tag="egress.leaked.v1"):
    """Something goes around the tunnel, or could."""


class EgressInconclusive(Checked, frozen=True, kw_only=True, tag="egress.inconclusive.v1"):
    """Nothing was seen to leak, but not enough was seen either; or nothing is heard of the process."""


EgressEvent = EgressVerified | EgressLeaked | EgressInconclusive
