"""How updates and files leave the server: getUpdates, the webhook methods, getFile."""

from __future__ import annotations

from typing import Any

from tests.botapi.body import Call
from tests.botapi.refusal import RefusedError
from tests.botapi.webhook import Webhook
from tests.botapi.world import World

LONGEST_POLL_S = 50
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)


class Fetching:
    """These methods share the webhook, which the server pauses when it goes down."""

    def __init__(self, world: World) -> None:
        self.webhook = Webhook(world.updates, world.bell)

    async def get_updates(self, world: World, call: Call) -> list[dict[str, Any]]:
        """getUpdates: waits at most ``timeout`` seconds if nothing is there."""
        if self.webhook.url:
            raise RefusedError(WEBHOOK_ACTIVE, code=409)
        world.updates.allow(call.args.get("allowed_updates"))
        world.updates.confirm(call.args.get("offset", 0))
        await world.updates.wait(min(call.args.get("timeout", 0), LONGEST_POLL_S))
        return world.updates.batch(call.args.get("limit", 100))

    async def set_webhook(self, world: World, call: Call) -> bool:
        """setWebhook, and deleteWebhook, which is the same without an address."""
        args = call.args
        await self.webhook.set(
            args.get("url", ""),
            secret=args.get("secret_token", ""),
            max_connections=args.get("max_connections", 40),
        )
        world.updates.allow(args.get("allowed_updates"))
        if args.get("drop_pending_updates"):
            world.updates.clear()
        return True

    async def get_webhook_info(self, world: World, call: Call) -> dict[str, Any]:
        """The WebhookInfo of getWebhookInfo."""
        return self.webhook.info

    async def get_file(self, world: World, call: Call) -> dict[str, Any]:
        """getFile: gives out the path under which the bytes can be had."""
        stored, path = world.files.path_of(call.args["file_id"])
        return {**stored.ids, "file_path": path}
