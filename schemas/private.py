"""
The private parts of messages and events. They travel and rest only sealed.

On NATS they are sealed under the deployment's transport key, in the log under the person's own key,
so that destroying that key makes them unreadable everywhere. The associated data is the id of what
they belong to: a sealed part moved elsewhere does not open. Each says by its tag what it is, so that one
of a job's parts can't stand for another of its parts.
"""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct


class Words(Struct, frozen=True, kw_only=True):
    """What the person typed (``said``) and what of it describes the picture."""

    said: str
    prompt: str
    negative: str = ""


class Address(Struct, frozen=True, kw_only=True, tag="address.v1"):
    """Where a chat is. For the web the session id says it all and both are 0."""

    chat_id: int = 0
    thread_id: int = 0


class MessageAddress(Struct, frozen=True, kw_only=True, tag="message_address.v1"):
    """One message of a chat: the person's own, or the one that shows a job."""

    chat_id: int = 0
    message_id: int = 0


class RequestSecrets(Struct, frozen=True, kw_only=True, tag="request_secrets.v1"):
    """Sealed in ``RequestRender`` and ``JobRequested``; ``asked_in`` is the message to answer."""

    words: Words
    asked_in: MessageAddress
    upload_keys: dict[UUID, bytes] = {}


class MediaKeys(Struct, frozen=True, kw_only=True, tag="media_keys.v1"):
    """The key of each medium, by media id."""

    keys: dict[UUID, bytes]


class DispatchSecrets(Struct, frozen=True, kw_only=True, tag="dispatch_secrets.v1"):
    """What a renderer needs to know for one attempt, and no more: no chat, no person."""

    prompt: str
    negative: str
    input_keys: dict[UUID, bytes]


class EntrySecrets(Struct, frozen=True, kw_only=True, tag="entry_secrets.v1"):
    """What a channel needs to show an entry. ``shown_in`` has message id 0 until it was shown."""

    said: str
    chat: Address
    asked_in: MessageAddress
    shown_in: MessageAddress
