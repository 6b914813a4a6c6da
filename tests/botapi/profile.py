"""The bot about itself: getMe, its commands per scope and language, its descriptions."""

from __future__ import annotations

import json
from typing import Any

from tests.botapi.body import Call
from tests.botapi.world import World


async def get_me(world: World, call: Call) -> dict[str, Any]:
    """The User of getMe, with the abilities only it tells."""
    abilities = {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }
    return {**world.bot, **abilities}


def _scope(call: Call) -> str:
    scope = call.args.get("scope", {"type": "default"})
    return json.dumps([scope, call.args.get("language_code", "")], sort_keys=True)


async def set_my_commands(world: World, call: Call) -> bool:
    """Replace the commands of one scope and language by those of setMyCommands."""
    world.commands[_scope(call)] = call.args["commands"]
    return True


async def get_my_commands(world: World, call: Call) -> list[dict[str, Any]]:
    """getMyCommands: of exactly this scope and language, no fallback."""
    return world.commands.get(_scope(call), [])


async def set_my_description(world: World, call: Call) -> bool:
    """Keep what setMyDescription or setMyShortDescription says, under ``field/language``."""
    name = "short_description" if call.method == "setMyShortDescription" else "description"
    world.profile[f"{name}/{call.args.get('language_code', '')}"] = call.args.get(name, "")
    return True
