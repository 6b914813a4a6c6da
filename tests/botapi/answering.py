"""Small answers to a person: callback queries, reactions, "typing…"."""

from __future__ import annotations

from tests.botapi.body import Call
from tests.botapi.refusal import RefusedError, ViolationError
from tests.botapi.world import World

# What ReactionTypeEmoji lists, as far as one code point goes.
REACTIONS = tuple(
    "👍👎❤🔥🥰👏😁🤔🤯😱🤬😢🎉🤩🤮💩🙏👌🤡🥱🥴😍💯🤣⚡🍌🏆💔🤨😐🍓🍾💋🖕😈😴😭🤓👻👀🎃🙈😇😨🤝✍🤗🫡🎅🎄☃💅🤪🗿🆒💘🙉🦄😘💊🙊😎👾😡"
)


async def answer_callback_query(world: World, call: Call) -> bool:
    """answerCallbackQuery: once per query, and not too late."""
    press = world.presses.get(call.args["callback_query_id"])
    if press is None or press.expired or press.answer is not None:
        raise RefusedError("query is too old and response timeout expired or query ID is invalid")
    if call.args.get("url"):
        raise ViolationError("URL_INVALID")  # only a game's button may open one
    press.answer = {name: value for name, value in call.args.items() if name != "callback_query_id"}
    return True


async def set_message_reaction(world: World, call: Call) -> bool:
    """setMessageReaction: one of the known emoji, or none to take it back."""
    reaction = call.args.get("reaction", [])
    message = world.message(call, "message to react")
    for one in reaction:
        if one["type"] != "emoji" or one["emoji"].rstrip("\ufe0f") not in REACTIONS:
            raise RefusedError("REACTION_INVALID")
    message.reaction = reaction
    return True


async def send_chat_action(world: World, call: Call) -> bool:
    """Note what sendChatAction shows."""
    chat = world.writable_chat(call.args)
    world.actions.append((chat.id, call.args["action"]))
    return True
