"""Wires the Telegram channel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from schemas import subjects
from services.common.config import read_settings
from services.common.consumer import consume
from services.common.health import Check, health_routes, serving
from services.common.keys import read_keyring
from services.common.media import MediaStore
from services.common.startup import Starting, connect_bus, patiently
from services.ingress.gallery import Gallery
from services.ingress.replies import replies_to
from services.ingress.reports import Reports
from services.ingress.submission import Submitter
from services.ingress.telegram.account import Account
from services.ingress.telegram.albums import Albums
from services.ingress.telegram.allow_list import read_allow_list
from services.ingress.telegram.board import Board
from services.ingress.telegram.config import Settings
from services.ingress.telegram.connect_backend import ConnectBackend
from services.ingress.telegram.delivery import Delivery
from services.ingress.telegram.desk import Desk
from services.ingress.telegram.hints import Hints
from services.ingress.telegram.intake import Intake
from services.ingress.telegram.keeping import Keeping
from services.ingress.telegram.medium import upload_limit_bytes
from services.ingress.telegram.menu import keep_menu
from services.ingress.telegram.mishap import Mishaps
from services.ingress.telegram.places import Places
from services.ingress.telegram.reception import announced
from services.ingress.telegram.requests import build_bot
from services.ingress.telegram.shelf import Shelf
from services.ingress.telegram.uploads import Uploads
from services.ingress.telegram.via import door

NAME = "ingress-telegram"
_REPLIES = replies_to("telegram", workers=8)


async def main(environ: Mapping[str, str], stopping: asyncio.Event) -> None:
    """Run the channel until *stopping*; raises ``ConfigError`` before anything is started."""
    settings = read_settings(Settings, environ)
    allowed = read_allow_list(settings.allow)
    way_out = door(settings)
    tunnel = ConnectBackend(way_out) if way_out else None
    keyring = read_keyring(settings.key_file)
    starting = Starting()
    checks: dict[str, Check] = {"started": starting.check}
    async with serving(health_routes(checks), settings.health_host, settings.health_port):
        bus = await connect_bus(
            settings.nats_url.value, NAME, stopping, await_streams=False, starting=starting
        )
        account = Account(
            build_bot(
                token=settings.token.value, api_url=settings.api_url, way=tunnel or settings.proxy or None
            )
        )
        try:
            await patiently("Telegram", account.sign_in, stopping, starting)
            media = MediaStore(bus)
            shelf = Shelf(bus)
            places = Places(shelf, keyring)
            hints = Hints(account, places)
            keeping = Keeping(hints)
            submitter = Submitter(bus, keyring, media)
            board = Board(
                account=account,
                places=places,
                delivery=Delivery(
                    account,
                    Gallery(bus, keyring, media),
                    places,
                    limit_bytes=upload_limit_bytes(settings.api_url),
                ),
                reports=Reports(bus, keyring),
                keyring=keyring,
            )
            intake = Intake(
                bus=bus,
                keyring=keyring,
                submitter=submitter,
                uploads=Uploads(account, submitter),
                hints=hints,
                keeping=keeping,
                mishaps=Mishaps(bus, keyring, keeping, hints),
                allowed=allowed,
                username=account.username,
            )
            desk = Desk(intake.take, Albums(shelf, keyring), keeping, account.bot_id)
            await bus.subscribe(subjects.progress("telegram", "*", "*"), board.on_progress)
            async with announced(
                settings=settings, keyring=keyring, account=account, desk=desk, bus=bus, stopping=stopping
            ) as reception:
                checks |= {"nats": bus.check, "telegram": reception.check}
                if tunnel:
                    checks["tunnel"] = tunnel.check
                del checks["started"]
                async with asyncio.TaskGroup() as group:
                    group.create_task(reception.run(stopping))
                    group.create_task(board.pace.run(stopping))
                    group.create_task(consume(bus, _REPLIES, board.on_reply, stopping))
                    group.create_task(keep_menu(bus, account, keyring, stopping))
        finally:
            await account.sign_out()
            await bus.close()
