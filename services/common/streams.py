"""The JetStream streams and the media bucket, declared idempotently by the orchestrator."""

from __future__ import annotations

from nats.js.api import (
    DiscardPolicy,
    KeyValueConfig,
    ObjectStoreConfig,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import NotFoundError

from schemas import subjects
from services.common.bus import BUS_ERRORS, MAX_MESSAGE_BYTES, Bus, BusDownError

_DAY_S = 24 * 3600
# Longer than the two minutes JetStream defaults to: a relay that was down may send again much later.
_DUPLICATE_WINDOW_S = 600
_PARKING_BYTES = 16 * 1024
_COMPARED = ("subjects", "max_age", "num_replicas", "duplicate_window", "max_msg_size")

_RETENTION = {
    subjects.INBOX: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.RENDER: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.REPLIES: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.EVENTS: (RetentionPolicy.LIMITS, 7 * _DAY_S),
    subjects.PARKED: (RetentionPolicy.LIMITS, 30 * _DAY_S),
}


async def declare(bus: Bus, *, replicas: int) -> None:
    """
    Make the streams and the buckets what they should be; those that are so already are left alone.

    Raises:
        BusDownError: NATS does not answer, or has no quorum.
    """
    try:
        for name, (retention, max_age_s) in _RETENTION.items():
            config = StreamConfig(
                name=name,
                subjects=list(subjects.STREAM_SUBJECTS[name]),
                retention=retention,
                max_age=max_age_s,
                storage=StorageType.FILE,
                num_replicas=replicas,
                duplicate_window=_DUPLICATE_WINDOW_S,
                discard=DiscardPolicy.OLD if max_age_s else DiscardPolicy.NEW,
                # What is parked gets headers besides, and has to fit nevertheless.
                max_msg_size=MAX_MESSAGE_BYTES + (_PARKING_BYTES if name == subjects.PARKED else 0),
            )
            await _declare(bus, config)
        try:
            await bus.jetstream.object_store(subjects.MEDIA_BUCKET)
        except NotFoundError:
            await bus.jetstream.create_object_store(
                subjects.MEDIA_BUCKET,
                config=ObjectStoreConfig(storage=StorageType.FILE, replicas=replicas),
            )
        try:
            await bus.jetstream.key_value(subjects.SHOWN_BUCKET)
        except NotFoundError:
            await bus.jetstream.create_key_value(
                KeyValueConfig(bucket=subjects.SHOWN_BUCKET, ttl=7 * _DAY_S, replicas=replicas)
            )
    except BUS_ERRORS as exc:
        raise BusDownError(f"streams can't be declared: {exc}") from exc


async def _declare(bus: Bus, config: StreamConfig) -> None:
    try:
        found = (await bus.jetstream.stream_info(config.name or "")).config
    except NotFoundError:
        await bus.jetstream.add_stream(config)
        return
    # An update is written to the disk, and in a cluster agreed upon, even when it changes nothing.
    if any(getattr(found, field) != getattr(config, field) for field in _COMPARED):
        await bus.jetstream.update_stream(config)


async def require(bus: Bus) -> None:
    """Raise ``BusDownError`` until the orchestrator has declared everything."""
    try:
        await bus.jetstream.key_value(subjects.SHOWN_BUCKET)
    except BUS_ERRORS as exc:
        raise BusDownError("the streams are not declared yet", code="no-streams") from exc
