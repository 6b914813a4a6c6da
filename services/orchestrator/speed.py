"""How fast backends are and what they have in memory, as columns of past jobs; a few index steps each."""

from __future__ import annotations

from collections.abc import Collection

from services.common.db import Connection

_MEDIANS = """
SELECT backend.name AS backend, workflow.digest AS workflow, recent.median
FROM unnest($1::text[]) AS backend (name) CROSS JOIN unnest($2::text[]) AS workflow (digest)
CROSS JOIN LATERAL (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY render_s) AS median FROM (
        SELECT render_s FROM projection.job
        WHERE job.backend = backend.name AND job.workflow = workflow.digest AND render_s IS NOT NULL
        ORDER BY dispatched_at DESC LIMIT 20
    ) AS renders
) AS recent WHERE recent.median IS NOT NULL
"""
_WARM = """
SELECT backend.name AS backend, last.workflow FROM unnest($1::text[]) AS backend (name)
CROSS JOIN LATERAL (
    SELECT workflow FROM projection.job
    WHERE job.backend = backend.name AND dispatched_at IS NOT NULL ORDER BY dispatched_at DESC LIMIT 1
) AS last
"""

Medians = dict[str, dict[str, float]]


async def medians(conn: Connection, backends: Collection[str], workflows: Collection[str]) -> Medians:
    """By backend and workflow, the median seconds of the last 20 renders; nothing where there was none."""
    found: Medians = {name: {} for name in backends}
    for row in await conn.fetch(_MEDIANS, list(backends), list(workflows)):
        found[row["backend"]][row["workflow"]] = row["median"]
    return found


async def warm(conn: Connection, backends: Collection[str]) -> dict[str, str]:
    """By backend, the workflow that was dispatched there last."""
    return {row["backend"]: row["workflow"] for row in await conn.fetch(_WARM, list(backends))}
