"""Workflows of one's own: exported from ComfyUI, imported, said in the chat, there after a restart."""

from __future__ import annotations

import json
from pathlib import Path

from tests.contract.comfyui.graphs import inverted, plain
from tests.e2e.darkroom import running_darkroom
from tests.e2e.own_workflow import exported, png, said
from tests.integration.cli.operator import Operator

COLOUR = 0x336699


async def test_workflows_of_ones_own(home: Path, tmp_path: Path) -> None:
    """Two without any model: one makes a picture of nothing, the other inverts a picture that is sent."""
    operator = Operator(DARKROOM_HOME=str(home))
    make = exported(tmp_path, "make", plain(width=64, height=48, color=COLOUR))
    turn = exported(tmp_path, "turn", inverted("example.png"))
    with running_darkroom(home, simulator="--step-s 0.01") as darkroom:
        made = await operator.workflow("import", make, "--command", "/make", "--title", "One colour")
        turned = await operator.workflow("import", turn, "--command", "/turn", "--json")
        again = await operator.workflow("import", turn, "--command", "/make")
        blue, [picture] = await said(darkroom, "/make")
        seeded, _ = await said(darkroom, "/make --seed 7")
        inverse, [negative] = await said(darkroom, "/turn", png((255, 0, 20)))
        listed = await operator.workflow("list", "--json")

        assert (0, 0) == (made.code, turned.code), made.err + turned.err
        assert made.out.endswith("/make is ready: 1 backend can render it (simulator).\n")
        assert (2, True) == (again.code, "Give --yes to replace it." in again.err)
        assert ("done", (64, 48), (0x33, 0x66, 0x99)) == (blue.status, picture.size, picture.getpixel((9, 9)))
        assert ("One colour · 64\u00d748 · simulated, no model", "refused") == (blue.text, seeded.status)
        assert ("done", (0, 255, 235)) == (inverse.status, negative.getpixel((9, 9)))
        of = {one["command"]: one for one in listed.json["workflows"]}
        assert ("One colour", "operator", ["simulator"]) == (
            of["/make"]["title"],
            of["/make"]["by"],
            of["/make"]["able"],
        )
        assert ("edit", "catalogue") == (of["/turn"]["kind"], of["/f"]["by"])
        await darkroom.replay_holds()

    down = await operator.workflow("show", "/make", "--prompt")
    nothing = await operator.workflow("bind", "/make", "turn")
    assert {"EmptyImage", "SaveImage"} == {node["class_type"] for node in json.loads(down.out).values()}
    assert (1, True) == (nothing.code, f"No Darkroom runs on {home}." in nothing.err)

    with running_darkroom(home, simulator="--step-s 0.01") as darkroom:
        after, _ = await said(darkroom, "/make")
        bound = await operator.workflow("bind", "/make", "turn")
        other, _ = await said(darkroom, "/make", png((0, 0, 0)))

        assert ("done", 0, "done") == (after.status, bound.code, other.status), bound.err
        await darkroom.replay_holds()
