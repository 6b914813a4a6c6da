"""Messages: what is accepted is in JetStream, what is refused has one clear sentence and changes nothing."""

from __future__ import annotations

from uuid import uuid4

from schemas import ids
from schemas.commands import Ask, ImportImage, RequestRender, Target
from tests.integration.ingress.fake_orchestrator import FakeOrchestrator
from tests.integration.ingress_web.visiting import Visit, Visiting, png


async def test_a_message_is_accepted_with_the_entry_that_will_show_it(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """202 names the job that the command becomes, and the command is in the inbox."""
    request = str(uuid4())
    response = await visit.say("/f an astronaut --seed 7", id=request)
    command = await orchestrator.next(RequestRender)

    assert 202 == response.status
    assert {"id": str(ids.job_id(visit.session_id, request))} == response.json()
    assert visit.session_id == command.session.session_id
    assert ("f", 7, "web") == (command.command, command.params.seed, command.session.channel)


async def test_words_travel_sealed(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """What was typed is in the sealed part, and nowhere else in the command."""
    await visit.say("/f an astronaut in a field")
    command = await orchestrator.next(RequestRender)
    secrets = orchestrator.secrets(command)

    assert "an astronaut in a field" == secrets.words.prompt
    assert "/f an astronaut in a field" == secrets.words.said
    assert b"astronaut" not in repr(command).encode()


async def test_posting_again_under_the_same_id_is_one_command(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """A page that did not hear the answer may ask again: it gets the same answer, and one command exists."""
    request = str(uuid4())
    answers = [(await visit.say("/f a cat", id=request)).json() for _ in range(3)]
    await visit.say("/privacy")
    await orchestrator.next(Ask)

    assert [answers[0]] * 3 == answers
    assert 1 == len(orchestrator.all(RequestRender))


async def test_two_sessions_may_use_the_same_id(
    visit: Visit, visiting: Visiting, orchestrator: FakeOrchestrator
) -> None:
    """An id is a session's own: another session's equal id is another message."""
    other, request = await visiting(), str(uuid4())
    await visit.say("/f a cat", id=request)
    await other.say("/f a cat", id=request)
    await orchestrator.next(RequestRender, 2)
    commands = orchestrator.all(RequestRender)

    assert {visit.session_id, other.session_id} == {command.session.session_id for command in commands}


async def test_uploads_are_stored_clean_and_sealed(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """The command refers to media that its sealed part has the keys of; the picture opens to clean bytes."""
    response = await visit.say("/qwen put a goose on it", png(), png(4, 4))
    command = await orchestrator.next(RequestRender)
    secrets = orchestrator.secrets(command)
    opened = [await orchestrator.store.get(ref, secrets.upload_keys[ref.media_id]) for ref in command.uploads]

    assert 202 == response.status
    assert [(8, 6), (4, 4)] == [(ref.width_px, ref.height_px) for ref in command.uploads]
    assert all(data.startswith(b"\x89PNG") for data in opened)


async def test_a_picture_without_words_is_kept_for_the_next_edit(
    visit: Visit, orchestrator: FakeOrchestrator
) -> None:
    """A lone picture is an import."""
    response = await visit.say("", png())
    command = await orchestrator.next(ImportImage)

    assert {"id": str(command.entry_id)} == response.json()


async def test_a_chosen_picture_is_the_target(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """``reply_to`` is the picture that an edit means."""
    image = uuid4()
    await visit.say("/qwen make it night", reply_to=str(image))
    command = await orchestrator.next(RequestRender)

    assert Target(image_id=image) == command.target


async def test_what_cannot_be_meant_is_answered_at_once(visit: Visit, orchestrator: FakeOrchestrator) -> None:
    """Nothing at all, a prompt of 10,000 characters, and words without a command each get a sentence."""
    empty, long, bare = (
        await visit.say(" "),
        await visit.say("/f " + "x" * 10_000),
        await visit.say("a cat please"),
    )
    await visit.say("/queue")
    await orchestrator.next(Ask)

    assert [400] * 3 == [empty.status, long.status, bare.status]
    assert ["say-something", "prompt-too-long", "say-command"] == [
        answer.json()["code"] for answer in (empty, long, bare)
    ]
    assert "10000" in long.json()["error"].replace(",", "")
    assert 1 == len(orchestrator.heard)


async def test_a_request_that_no_page_makes_is_refused(visit: Visit) -> None:
    """An id that is none, a body that is none, another content type."""
    bad_id = await visit.say("/f a cat", id="7")
    bad_reply = await visit.say("/f a cat", reply_to="../etc")
    text = await visit.post("/say", data="text=1", headers={"Content-Type": "text/plain"})
    torn = await visit.post(
        "/say", data=b"--x\r\nnonsense", headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    unbounded = await visit.post("/say", data=b"--", headers={"Content-Type": "multipart/form-data"})

    assert [400, 400, 415, 400, 400] == [
        answer.status for answer in (bad_id, bad_reply, text, torn, unbounded)
    ]


async def test_without_a_session_nothing_is_taken(visit: Visit) -> None:
    """No cookie, no message: 401, and the page says to reload."""
    visit.http.cookie_jar.clear()
    said, pressed = await visit.say("/f a cat"), await visit.press()

    assert [401, 401] == [said.status, pressed.status]
    assert "Reload" in said.json()["error"]
