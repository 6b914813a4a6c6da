"""The account of one request: a log line and the counters, with nothing in them that a person wrote."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from prometheus_client import Counter, Gauge

_REQUESTS = Counter(
    "darkroom_tunnel_requests_total", "Requests by how they ended", ["backend", "route", "status", "ended"]
)
_BYTES = Counter("darkroom_tunnel_bytes_total", "Body bytes carried", ["backend", "direction"])
WEBSOCKETS = Gauge("darkroom_tunnel_websockets", "WebSockets open now", ["backend"])

_CLIENT_CLOSED = 499  # nginx's status for "the client left before there was an answer"


@dataclass
class Account:
    """What is known of a request so far."""

    backend: str = "-"
    route: str = "-"
    """The allow-list's name for it; ``-`` when it is not on the list."""
    status: int = 0
    """Of the answer whose headers went out; 0 before that."""
    ended: str = ""
    """``ok``, an error's code, or who broke off; empty while it goes on."""
    bytes_up: int = 0
    bytes_down: int = 0

    def add_up(self, size_bytes: int) -> None:
        """Count what was taken from the client."""
        self.bytes_up += size_bytes

    def add_down(self, size_bytes: int) -> None:
        """Count what was given to the client."""
        self.bytes_down += size_bytes

    def settle(self, seconds: float) -> None:
        """Write the account down, *seconds* after the request came."""
        status = self.status or _CLIENT_CLOSED
        _REQUESTS.labels(self.backend, self.route, str(status), self.ended).inc()
        _BYTES.labels(self.backend, "up").inc(self.bytes_up)
        _BYTES.labels(self.backend, "down").inc(self.bytes_down)
        structlog.get_logger().info(
            "request",
            backend=self.backend,
            route=self.route,
            status=status,
            ended=self.ended,
            bytes_up=self.bytes_up,
            bytes_down=self.bytes_down,
            seconds=round(seconds, 4),
        )
