"""The Bot API test server: what only a broken client sends is refused and remembered."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.botapi.api import BotApi
from tests.botapi.pictures import image_bytes
from tests.botapi.server import running_bot_api

ANN = 501
TEXT = {"chat_id": ANN, "text": "hi"}


@pytest.fixture
async def api() -> AsyncGenerator[BotApi]:
    """A fresh server in which Ann has pressed Start."""
    async with running_bot_api() as running:
        running.user_says(ANN, "/start")
        yield running


@pytest.fixture
async def http(api: BotApi) -> AsyncGenerator[httpx.AsyncClient]:
    """A bare HTTP client with the token in its address."""
    async with httpx.AsyncClient(base_url=f"{api.url}/bot{api.token}/", trust_env=False) as client:
        yield client


def keyboard(*rows: list[dict[str, Any]]) -> dict[str, Any]:
    """A sendMessage with this inline keyboard."""
    return {**TEXT, "reply_markup": {"inline_keyboard": list(rows)}}


def button(number: int = 0, **action: Any) -> dict[str, Any]:
    """A button, with a callback unless told otherwise."""
    return {"text": f"b{number}", **(action or {"callback_data": f"c{number}"})}


def entity(offset: int, length: int, kind: str = "bold", **rest: Any) -> dict[str, Any]:
    """A sendMessage "a😀b" with one entity."""
    one = {"type": kind, "offset": offset, "length": length, **rest}
    return {"chat_id": ANN, "text": "a😀b", "entities": [one]}


BROKEN = {
    "unknown field": ({**TEXT, "colour": "red"}, "unknown field sendMessage.colour"),
    "missing field": ({"chat_id": ANN}, "sendMessage.text is required"),
    "number for text": ({"chat_id": ANN, "text": 5}, "must be a String"),
    "text for number": ({**TEXT, "message_thread_id": "one"}, "must be an Integer"),
    "text for boolean": ({**TEXT, "protect_content": "yes"}, "must be a Boolean"),
    "null": ({**TEXT, "parse_mode": None}, "must be a String"),
    "fraction": ({**TEXT, "reply_parameters": {"message_id": 1.5}}, "must be an Integer"),
    "unknown inner field": ({**TEXT, "link_preview_options": {"off": True}}, "unknown field"),
    "chat without @": ({"chat_id": "ann", "text": "hi"}, "must be an Integer or an @name"),
    "empty": ({"chat_id": ANN, "text": ""}, "message text is empty"),
    "white space": ({"chat_id": ANN, "text": " \n "}, "text must be non-empty"),
    "too long": ({"chat_id": ANN, "text": "x" * 4097}, "message is too long"),
    "parse mode": ({**TEXT, "parse_mode": "Textile"}, "unsupported parse_mode"),
    "markup": ({"chat_id": ANN, "text": "1 < 2", "parse_mode": "HTML"}, "can't parse entities"),
    "unescaped": ({"chat_id": ANN, "text": "Done.", "parse_mode": "MarkdownV2"}, "is reserved and must be"),
    "both": ({**entity(0, 1), "parse_mode": "HTML"}, "can't be used together"),
    "entity outside": (entity(4, 1), "begins after the end"),
    "entity too long": (entity(3, 2), "ends after the end"),
    "entity splits an emoji": (entity(1, 1), "in a middle of a UTF-16 symbol"),
    "entity without length": (entity(1, 0), "incorrect length"),
    "entity of no kind": (entity(0, 1, "loud"), "unsupported type"),
    "link without url": (entity(0, 1, "text_link"), "can't find field 'url'"),
    "callback of 65 bytes": (keyboard([button(callback_data="ü" * 32 + "x")]), "BUTTON_DATA_INVALID"),
    "empty callback": (keyboard([button(callback_data="")]), "BUTTON_DATA_INVALID"),
    "button without action": (keyboard([{"text": "x"}]), "must have exactly one of"),
    "button with two": (keyboard([button(callback_data="x", url="https://e.org")]), "exactly one of"),
    "button without text": (keyboard([{"text": "", "callback_data": "x"}]), "must be non-empty"),
    "button to nowhere": (keyboard([button(url="e.org")]), "URL is invalid"),
    "nine in a row": (keyboard([button(number) for number in range(9)]), "must have 0-8 items"),
    "hundred and one": (keyboard(*[[button(number)] for number in range(101)]), "reply markup is too long"),
    "two markups": ({**TEXT, "reply_markup": {"inline_keyboard": [], "force_reply": True}}, "must be one"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_broken_json(api: BotApi, http: httpx.AsyncClient, name: str) -> None:
    """A broken call is refused with 400, recorded, and changes nothing."""
    body, said = BROKEN[name]

    response = await http.post("sendMessage", json=body)

    assert (400, False) == (response.status_code, response.json()["ok"])
    assert said in response.json()["description"]
    assert said in api.violations[0]
    assert 1 == len(api.chat(ANN))
    with pytest.raises(AssertionError, match="violations"):
        api.assert_clean()


@pytest.mark.parametrize("name", [name for name in BROKEN if name not in {"number for text", "null"}])
async def test_broken_form(api: BotApi, http: httpx.AsyncClient, name: str) -> None:
    """The same calls as a form, where everything structured is JSON in a string, are refused as well."""
    body, said = BROKEN[name]
    form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in body.items()}
    if name == "text for boolean":
        said = "JSON"

    response = await http.post("sendMessage", data=form)

    assert (400, 1) == (response.status_code, len(api.violations))
    assert said in response.json()["description"]


OTHER = {
    "caption of 1025": (
        "editMessageCaption",
        {"caption": "x" * 1025, "message_id": 1},
        "caption is too long",
    ),
    "no action": ("sendChatAction", {"action": "dancing"}, "wrong parameter action"),
    "late text": ("answerCallbackQuery", {"callback_query_id": "1", "text": "x" * 201}, "MESSAGE_TOO_LONG"),
    "capital command": (
        "setMyCommands",
        {"commands": [{"command": "Start", "description": "x"}]},
        "BOT_COMMAND_INVALID",
    ),
    "album of one": (
        "sendMediaGroup",
        {"media": [{"type": "photo", "media": "x"}]},
        "media must include 2-10 items",
    ),
    "unknown medium": (
        "editMessageMedia",
        {"message_id": 1, "media": {"type": "text", "media": "x"}},
        "type",
    ),
    "fetch by address": ("sendPhoto", {"photo": "https://e.org/a.png"}, "wrong remote file identifier"),
    "forged id": ("sendDocument", {"document": "BQACAgQ"}, "wrong remote file identifier"),
    "lost part": ("sendPhoto", {"photo": "attach://p"}, "no uploaded part 'p'"),
    "edit of nothing": ("editMessageReplyMarkup", {}, "message identifier is not specified"),
    "unknown update": ("getUpdates", {"allowed_updates": ["mesage"]}, "can't be 'mesage'"),
    "limit": ("getUpdates", {"limit": 101}, "from 1 to 100"),
    "secret": ("setWebhook", {"url": "https://e.org", "secret_token": "a b"}, "unallowed characters"),
    "plain webhook": ("setWebhook", {"url": "http://e.org/hook"}, "HTTPS URL must be provided"),
}
WITHOUT_CHAT = {"answerCallbackQuery", "setMyCommands", "getUpdates", "setWebhook"}


@pytest.mark.parametrize("name", OTHER)
async def test_broken_others(api: BotApi, http: httpx.AsyncClient, name: str) -> None:
    """Every method has limits of its own."""
    method, body, said = OTHER[name]

    response = await http.post(method, json=body if method in WITHOUT_CHAT else {"chat_id": ANN, **body})

    assert (400, 1) == (response.status_code, len(api.violations))
    assert said in response.json()["description"]


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (b"no picture", 400, "IMAGE_PROCESS_FAILED"),
        (image_bytes()[:-30], 400, "IMAGE_PROCESS_FAILED"),
        (image_bytes((9000, 1001)), 400, "PHOTO_INVALID_DIMENSIONS"),
        (image_bytes((420, 20)), 400, "PHOTO_INVALID_DIMENSIONS"),
        (image_bytes() + bytes(10 * 1024 * 1024), 400, "too big for a photo"),
        (b"", 400, "file must be non-empty"),
    ],
    ids=["text", "cut short", "sides", "ratio", "10 MB", "empty"],
)
async def test_bad_photo(api: BotApi, http: httpx.AsyncClient, data: bytes, status: int, said: str) -> None:
    """What can't be a photo is refused."""
    response = await http.post("sendPhoto", data={"chat_id": str(ANN)}, files={"photo": ("p.png", data)})

    assert (status, 1) == (response.status_code, len(api.violations))
    assert said in response.json()["description"]


async def test_photo_limits(api: BotApi, http: httpx.AsyncClient) -> None:
    """A photo just inside the limits, and callback data of exactly 64 bytes, pass."""
    widest = image_bytes((400, 20))
    form = {"chat_id": str(ANN), "caption": "x" * 1024}

    photo = await http.post("sendPhoto", data=form, files={"photo": ("p.png", widest)})
    text = await http.post(
        "sendMessage", json=keyboard([button(callback_data="ü" * 32)]) | {"text": "x" * 4096}
    )

    assert ([200, 200], []) == ([photo.status_code, text.status_code], api.violations)


async def test_stray_upload(api: BotApi, http: httpx.AsyncClient) -> None:
    """An uploaded part that no field names is a mistake."""
    response = await http.post("sendMessage", data={"chat_id": "501", "text": "x"}, files={"p": ("p", b"x")})

    assert "belongs to no field" in response.json()["description"]


async def test_file_too_big_to_fetch(api: BotApi, http: httpx.AsyncClient) -> None:
    """A bot can fetch 20 MB; a person may send more."""
    api.user_sends_document(ANN, bytes(20 * 1024 * 1024 + 1), file_name="big.png")
    update = (await http.get("getUpdates")).json()["result"][-1]

    response = await http.get("getFile", params={"file_id": update["message"]["document"]["file_id"]})

    assert "Bad Request: file is too big" == response.json()["description"]
    assert [] == api.violations  # a client can't always know


async def test_unknown_targets(api: BotApi, http: httpx.AsyncClient) -> None:
    """A wrong token is 401; an unknown method, path or file is 404."""
    answers = [
        await http.post(f"{api.url}/bot1:x/getMe"),
        await http.post("sendMesage", json=TEXT),
        await http.post("sendmessage", json=TEXT),
        await http.get(f"{api.url}/file/bot{api.token}/photos/file_0.jpg"),
        await http.put("getMe"),
    ]

    assert [401, 404, 404, 404, 404] == [answer.status_code for answer in answers]
    assert {"ok": False, "error_code": 404, "description": "Not Found"} == answers[1].json()
    assert {"ok": False, "error_code": 401, "description": "Unauthorized"} == answers[0].json()
    assert 5 == len(api.violations)


async def test_broken_bodies(api: BotApi, http: httpx.AsyncClient) -> None:
    """A body that can't be read is refused, whatever it claims to be."""
    for kind, body in {
        "application/json": b"{",
        "application/json; charset=utf-8": b"[]",
        "text/plain": b"hello",
        "application/x-www-form-urlencoded": b"chat_id=501&text=%ff",
    }.items():
        response = await http.post("sendMessage", content=body, headers={"Content-Type": kind})
        assert 400 == response.status_code

    assert 4 == len(api.violations)
