"""Faults a test can order: errors, lost replies, dropped connections, delays."""

from __future__ import annotations

from dataclasses import dataclass, field

ANY = "*"
FILE = "file"  # the download of a file, which is no method


@dataclass
class Fault:
    """What happens to the next *times* calls of a method."""

    method: str
    times: int
    code: int = 0  # answer with this status instead
    retry_after_s: int = 0
    delay_s: float = 0.0  # then go on
    reply_delay_s: float = 0.0  # after the effect took place
    drop: str = ""  # "before" the effect took place, or "after" it


@dataclass
class Faults:
    """Ordered faults; each call meets at most one, the oldest that fits. ``"*"`` fits every method."""

    _queue: list[Fault] = field(default_factory=list)

    def too_many_requests(self, method: str = ANY, *, times: int = 1, retry_after_s: int = 1) -> None:
        """429 with parameters.retry_after; nothing happens."""
        self._queue.append(Fault(method, times, code=429, retry_after_s=retry_after_s))

    def server_error(self, method: str = ANY, *, times: int = 1, code: int = 500) -> None:
        """500 as JSON, or 502 as the HTML page of the proxy in front; nothing happens."""
        self._queue.append(Fault(method, times, code=code))

    def drop_before(self, method: str = ANY, *, times: int = 1) -> None:
        """The connection breaks and nothing happened."""
        self._queue.append(Fault(method, times, drop="before"))

    def drop_after(self, method: str = ANY, *, times: int = 1) -> None:
        """It happened, but the reply is lost with the connection."""
        self._queue.append(Fault(method, times, drop="after"))

    def delay(self, method: str = ANY, *, times: int = 1, delay_s: float) -> None:
        """The effect comes *delay_s* seconds late, and not at all if the client has hung up by then."""
        self._queue.append(Fault(method, times, delay_s=delay_s))

    def delay_reply(self, method: str = ANY, *, times: int = 1, delay_s: float) -> None:
        """The effect takes place at once, its reply comes *delay_s* seconds late."""
        self._queue.append(Fault(method, times, reply_delay_s=delay_s))

    def clear(self) -> None:
        """No more faults."""
        self._queue.clear()

    @property
    def left(self) -> int:
        """How many calls are still to fail: 0 shows that every ordered fault happened."""
        return sum(fault.times for fault in self._queue)

    def take(self, method: str) -> Fault | None:
        """The fault this call meets."""
        fault = next((one for one in self._queue if one.method in {method, ANY}), None)
        if fault is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._queue.remove(fault)
        return fault
