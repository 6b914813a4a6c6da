"""Who is at the other end: one browser cookie is one session and one person."""

from __future__ import annotations

import os
from uuid import UUID

from aiohttp import web
from msgspec import Struct

from schemas.private import Address
from services.common.keys import Keyring
from services.ingress.submission import Speaker, session_id
from services.ingress.web.cookie import ID_BYTES, MAX_AGE_S, SessionCookie
from services.ingress.web.problem import ProblemError


class Visitor(Struct, frozen=True, kw_only=True):
    """A browser with a session."""

    speaker: Speaker
    session_id: UUID


class Visitors:
    """Tells visitors apart by their cookies, and gives new ones theirs."""

    def __init__(self, keyring: Keyring, *, onion: str, behind_proxy: bool) -> None:
        self._keyring = keyring
        self._cookie = SessionCookie(keyring.session)
        self._onion = onion
        self._behind_proxy = behind_proxy

    def known(self, request: web.Request) -> Visitor | None:
        """Whose request it is; nothing without a cookie of ours."""
        key = self._cookie.read(request.cookies.get(self._cookie.name))
        return None if key is None else self._visitor(key)

    def require(self, request: web.Request) -> Visitor:
        """Whose request it is; raises ``ProblemError`` (401) without a cookie of ours."""
        visitor = self.known(request)
        if visitor is None:
            raise ProblemError(401, "no-session")
        return visitor

    def welcome(self, request: web.Request, response: web.StreamResponse) -> Visitor:
        """Whose request it is; whoever has no cookie of ours gets one with *response*."""
        visitor = self.known(request)
        if visitor is not None:
            return visitor
        key, value = self._cookie.issue(os.urandom(ID_BYTES))
        response.set_cookie(
            self._cookie.name,
            value,
            max_age=MAX_AGE_S,
            path="/",
            httponly=True,
            samesite="Strict",
            secure=self._is_https(request),
        )
        return self._visitor(key)

    def _visitor(self, key: str) -> Visitor:
        speaker = Speaker(channel="web", chat=key, person=key, address=Address())
        return Visitor(speaker=speaker, session_id=session_id(self._keyring, speaker))

    def _is_https(self, request: web.Request) -> bool:
        if self._onion and request.headers.get("Host", "").lower() == self._onion:
            # Plain http, encrypted by the network: a Secure cookie would not come back.
            return False
        if self._behind_proxy:
            return request.headers.get("X-Forwarded-Proto", "").lower() == "https"
        return request.secure
