"""Who is heard, what is understood, and what is said back at once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from schemas.commands import Ask, ImportImage, ReportAnswerShown, RequestRender, SelectImage
from tests.botapi.api import BotApi
from tests.botapi.people import person
from tests.botapi.pictures import film_bytes, image_bytes, moving_bytes, sound_bytes
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_telegram.painting import painted
from tests.integration.ingress_telegram.running import running
from tests.servers import NatsServer

ANN, GROUP = 1001, -2001
GPS = b"SECRETGPSPLACE"


def photo_with_a_place() -> bytes:
    """A JPEG whose EXIF says where it was taken."""
    exif = Image.Exif()
    exif[0x010E] = GPS.decode()
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/again please", "/again stands alone"),
        ("/f " + "a" * 4001, "That is 4001 characters"),
        ("/f a cat --seed x", "--seed has to be a whole number"),
        ("a cat", "To make a picture of that, start with a command: /f a cat"),
    ],
)
async def test_what_can_not_be_meant_is_said_at_once(
    api: BotApi, orchestrator: FakeOrchestrator, text: str, answer: str
) -> None:
    """One clear sentence, and the orchestrator is not bothered."""
    api.user_says(ANN, text)
    await api.until(lambda: api.from_bot(ANN))
    await api.until(lambda: not api.pending_updates)

    assert [True] == [answer in message.text for message in api.from_bot(ANN)]
    assert [] == orchestrator.heard


@pytest.mark.usefixtures("service")
async def test_photo_with_a_caption_comes_along_clean(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """The picture is in the media store before the command, and says nothing but itself."""
    assert GPS in photo_with_a_place()
    api.user_sends_photo(ANN, photo_with_a_place(), caption="/qwen put a goose t-shirt on him")
    command = await orchestrator.next(RequestRender)
    key = orchestrator.secrets(command).upload_keys[command.uploads[0].media_id]
    stored = await orchestrator.store.get(command.uploads[0], key)

    assert (64, 48) == Image.open(io.BytesIO(stored)).size
    assert GPS not in stored


@pytest.mark.usefixtures("service")
async def test_photo_alone_is_kept(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """It becomes what the next edit means; the answer's message stands for it."""
    api.user_sends_photo(ANN, image_bytes())
    command = await orchestrator.next(ImportImage)
    (kept,) = await painted(orchestrator, command, "teal")
    await orchestrator.show(
        orchestrator.entry_for(command, status="answered", code="imported", pictures=(kept,))
    )
    await orchestrator.next(ReportAnswerShown)

    assert ["Got it. Now say what to change, like this: /qwen make it night"] == [
        message.text for message in api.from_bot(ANN)
    ]

    api.user_says(ANN, "/qwen make it day", reply_to=api.from_bot(ANN)[0].message_id)
    edit = await orchestrator.next(RequestRender)

    assert kept.image_id == edit.target.image_id


@pytest.mark.usefixtures("service")
async def test_album_is_one_request(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """Pictures sent together come together, in their order, with the caption of any of them."""
    colours = ("red", "green", "blue")
    api.user_sends_album(ANN, [image_bytes(colour=colour) for colour in colours], caption="/qwen a collage")
    command = await orchestrator.next(RequestRender)
    await api.until(lambda: not api.pending_updates)
    keys = orchestrator.secrets(command).upload_keys
    stored = [await orchestrator.store.get(ref, keys[ref.media_id]) for ref in command.uploads]
    seen = [Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) for data in stored]

    assert [(255, 0, 0), (0, 128, 0), (0, 0, 255)] == seen
    assert 1 == len(orchestrator.heard)


@pytest.mark.usefixtures("service")
async def test_reply_to_a_persons_photo_means_that_photo(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """A command in answer to somebody's picture takes it along."""
    sent = api.user_sends_photo(GROUP, image_bytes(), user=person(ANN))
    api.user_says(GROUP, "/qwen make it night", user=person(ANN), reply_to=sent)
    command = await orchestrator.next(RequestRender)

    assert 1 == len(command.uploads)


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("data", "mime", "answer"),
    [
        (b"\x89PNG\r\n\x1a\nnothing", "image/png", "may be damaged"),
        (b"just words", "text/plain", "can't work with that kind of file"),
        (b"\0" * (21 * 1024 * 1024), "image/png", "too large"),
        (moving_bytes("GIF"), "image/gif", "That picture moves"),
        (moving_bytes("WEBP"), "image/webp", "That picture moves"),
        (film_bytes(), "video/mp4", "That is a video"),
        (film_bytes(), "image/png", "That is a video"),
        (sound_bytes("flac"), "audio/flac", "That is a sound"),
    ],
)
async def test_unusable_file_gets_a_sentence(
    api: BotApi, orchestrator: FakeOrchestrator, data: bytes, mime: str, answer: str
) -> None:
    """A broken, foreign or huge file is refused, and nothing is asked of the orchestrator."""
    api.user_sends_document(ANN, data, mime_type=mime, caption="/qwen make it night")
    await api.until(lambda: api.from_bot(ANN))

    assert answer in api.from_bot(ANN)[0].text
    assert [] == orchestrator.heard


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("kind", "data", "answer"),
    [
        ("video", film_bytes(), "That is a video"),
        ("animation", film_bytes(), "That picture moves"),
        ("audio", sound_bytes(), "That is a sound"),
    ],
)
async def test_what_plays_is_refused_without_being_fetched(
    api: BotApi, orchestrator: FakeOrchestrator, kind: str, data: bytes, answer: str
) -> None:
    """As a phone sends it: Telegram says what it is."""
    api.user_sends_media(ANN, kind, data, caption="/qwen make it night")
    await api.until(lambda: api.from_bot(ANN))

    assert answer in api.from_bot(ANN)[0].text
    assert [] == orchestrator.heard == api.calls("getFile")


@pytest.mark.usefixtures("service")
async def test_a_command_may_need_no_words(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """As the caption of a photo it is a request; whether words are needed is not the channel's to say."""
    api.user_sends_photo(ANN, image_bytes(), caption="/invert")
    command = await orchestrator.next(RequestRender)

    assert ("invert", 1) == (command.command, len(command.uploads))
    assert "" == orchestrator.secrets(command).words.prompt


@pytest.mark.usefixtures("service")
async def test_group_hears_only_what_is_said_to_it(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """Commands, also with our name, but not another bot's, nor talk."""
    bob = person(1002, "Bob")
    for text in ("/f@other_bot a", "hello all", "/f@darkroom_bot b", "/f c"):
        api.user_says(GROUP, text, user=bob)
    await orchestrator.next(RequestRender, 2)
    await api.until(lambda: not api.pending_updates)

    assert ["b", "c"] == [
        orchestrator.secrets(command).words.prompt for command in orchestrator.all(RequestRender)
    ]
    assert [] == api.from_bot(GROUP)


@pytest.mark.usefixtures("service")
async def test_edited_message_is_passed_over(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """What was asked was asked; a correction is a new message."""
    said = api.user_says(ANN, "/f a cat")
    await orchestrator.next(RequestRender)
    api.user_edits(ANN, said, "/f a dog")
    api.user_says(ANN, "/undo")
    await orchestrator.next(SelectImage)

    assert 1 == len(orchestrator.all(RequestRender))


async def test_stranger_learns_their_id(
    api: BotApi, orchestrator: FakeOrchestrator, nats: NatsServer, key_file: Path
) -> None:
    """Who is not on the list gets one sentence with their numeric id; who is, is heard."""
    async with running(nats, key_file, api, DARKROOM_ALLOW=f"{ANN}"):
        api.user_says(666, "/f a cat")
        api.user_says(666, "/f a dog")
        api.user_says(ANN, "/f a bird")
        await orchestrator.next(RequestRender)
        await api.until(lambda: not api.pending_updates)

    assert ["This studio is private. If you know its owner, give them your id: 666"] == [
        message.text for message in api.from_bot(666)
    ]
    assert 1 == len(orchestrator.heard)


@pytest.mark.usefixtures("service")
async def test_question_is_answered_in_the_chat(api: BotApi, orchestrator: FakeOrchestrator) -> None:
    """The orchestrator's answer comes as a reply to the question, and is reported as shown."""
    asked = api.user_says(ANN, "/help")
    command = await orchestrator.next(Ask)
    answer = orchestrator.entry_for(
        command, status="answered", code="help", details={"commands": "/f\timage\tFLUX schnell"}
    )
    await orchestrator.show(answer)
    shown = await orchestrator.next(ReportAnswerShown)
    message = api.from_bot(ANN)[0]

    assert "/f words · FLUX schnell" in message.text
    assert asked == message.reply_to.message_id
    assert command.entry_id == shown.entry_id


@pytest.mark.usefixtures("service")
async def test_words_are_not_in_the_logs(
    api: BotApi, orchestrator: FakeOrchestrator, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither a prompt nor a refused text is logged, nor the token."""
    api.user_says(ANN, "/f xylophone")
    api.user_says(ANN, "marzipan without a command")
    await orchestrator.next(RequestRender)
    await api.until(lambda: api.from_bot(ANN))
    logged = "".join(capfd.readouterr())

    assert "taken" in logged
    assert not [word for word in ("xylophone", "marzipan", api.token) if word in logged]
