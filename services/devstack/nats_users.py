"""
Who may say and hear what on NATS: one user per service, and nothing that its work does not need.

A service hears answers only under its own inbox prefix, which is its connection's name, so none reads
another's. What is not allowed here is refused by the server, whatever a service is made to try.
"""

from __future__ import annotations

from msgspec import Struct

from schemas import subjects

_API = "$JS.API"
_MEDIA_STREAM = f"OBJ_{subjects.MEDIA_BUCKET}"
_SHOWN_STREAM = f"KV_{subjects.SHOWN_BUCKET}"


class Permissions(Struct, frozen=True, kw_only=True):
    """
    Subjects a user may publish to and subscribe to.

    Attributes:
        publish: Subjects it may publish to.
        subscribe: Subjects it may subscribe to.
        answers: It may also answer whoever asks it, once each time.
    """

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]
    answers: bool = False


def channel(name: str) -> Permissions:
    """
    An ingress: it puts commands in, asks for its own, and takes the replies of its own channel.

    Args:
        name: The channel, ``telegram`` or ``web``.
    """
    user = f"ingress-{name}"
    return Permissions(
        publish=(
            "inbox.command.>",
            subjects.query("channel"),
            # What Telegram has let go of is nowhere else; a page keeps what was not taken.
            *((subjects.parked(name),) if name == "telegram" else ()),
            f"{name}.shown.>",  # among the processes of one channel: whichever took a reply tells the others
            *_consuming(subjects.REPLIES, user, subjects.replies_of(name)),
            *_MEDIA,
            *_SHOWN,
        ),
        subscribe=(f"_INBOX_{user}.>", f"progress.{name}.>", f"{name}.shown.>"),
    )


def renderer() -> Permissions:
    """
    The renderer: it takes attempts, reports facts, and answers what a workflow would be. It never sees a
    reply or a command.
    """
    return Permissions(
        publish=(
            "inbox.fact.>",
            subjects.inbox_egress("renderer"),
            "progress.>",
            subjects.query("renderer"),
            *_consuming(subjects.RENDER, "*"),
            *_MEDIA,
            # Not to use it, but to see that the orchestrator has declared everything (streams.require).
            f"{_API}.STREAM.INFO.{_SHOWN_STREAM}",
        ),
        subscribe=("_INBOX_renderer.>", subjects.study()),
        answers=True,
    )


def tunnel() -> Permissions:
    """The tunnel: it says of itself whether anything goes around it, and hears nothing."""
    return Permissions(publish=(subjects.inbox_egress("tunnel"),), subscribe=("_INBOX_tunnel.>",))


def orchestrator() -> Permissions:
    """The orchestrator: it declares the streams, takes the inbox, and tells the others what to do."""
    return Permissions(
        publish=(
            f"{_API}.>",
            f"$JS.ACK.{subjects.INBOX}.>",
            *("render.>", "reply.>", "evt.>", "parked.>"),
            f"$O.{subjects.MEDIA_BUCKET}.>",  # a medium's deletion is a message too
        ),
        subscribe=("_INBOX_orchestrator.>", subjects.query("channel"), subjects.query("renderer")),
        answers=True,
    )


def operator() -> Permissions:
    """The command line of whoever runs the deployment: looks at everything, puts parked messages back."""
    back = [subject for all_subjects in subjects.STREAM_SUBJECTS.values() for subject in all_subjects]
    return Permissions(
        publish=(
            *(f"{_API}.>", "$JS.ACK.>", *back),
            *(subjects.query("channel"), subjects.query("renderer"), subjects.study()),
        ),
        # All that passes may be watched, to measure it: what is private in it is sealed.
        subscribe=("_INBOX_cli.>", "progress.>", "$JS.EVENT.ADVISORY.>", *back),
    )


def all_users() -> dict[str, Permissions]:
    """Every user by name; the name is also its connection's."""
    return {
        "ingress-telegram": channel("telegram"),
        "ingress-web": channel("web"),
        "renderer": renderer(),
        "tunnel": tunnel(),
        "orchestrator": orchestrator(),
        "cli": operator(),
    }


def _consuming(stream: str, durable: str, filter_subject: str = "") -> tuple[str, ...]:
    """
    Pull from one stream, acknowledge, and park what can't be handled.

    With a *filter_subject* the consumer can be made for that subject only: the server holds the filter
    in the request against the one in the request's own subject.
    """
    made_for = f".{filter_subject}" if filter_subject else ".>"
    return (
        f"{_API}.STREAM.INFO.{stream}",
        f"{_API}.CONSUMER.CREATE.{stream}.{durable}{made_for}",
        f"{_API}.CONSUMER.INFO.{stream}.{durable}",
        f"{_API}.CONSUMER.MSG.NEXT.{stream}.{durable}",
        f"$JS.ACK.{stream}.{durable}.>",
        subjects.parked(stream.lower()),
    )


def _bucket(stream: str, prefix: str) -> tuple[str, ...]:
    """Read and write one object store or key-value bucket, but neither make nor delete it."""
    return (
        f"{prefix}.>",
        f"{_API}.STREAM.INFO.{stream}",
        f"{_API}.STREAM.NAMES",
        f"{_API}.STREAM.MSG.GET.{stream}",
        f"{_API}.DIRECT.GET.{stream}",
        f"{_API}.DIRECT.GET.{stream}.>",
        f"{_API}.STREAM.PURGE.{stream}",
        f"{_API}.CONSUMER.CREATE.{stream}",
        f"{_API}.CONSUMER.CREATE.{stream}.>",
        f"{_API}.CONSUMER.INFO.{stream}.*",
        f"{_API}.CONSUMER.DELETE.{stream}.*",
        f"$JS.FC.{stream}.>",
        f"$JS.ACK.{stream}.>",
    )


_MEDIA = _bucket(_MEDIA_STREAM, f"$O.{subjects.MEDIA_BUCKET}")
_SHOWN = _bucket(_SHOWN_STREAM, f"$KV.{subjects.SHOWN_BUCKET}")
