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
from services.common.bus import BUS_ERRORS, Bus, BusDownError

_DAY_S = 24 * 3600
# Longer than the two minutes JetStream defaults to: a relay that was down may send again much later.
_DUPLICATE_WINDOW_S = 600

_RETENTION = {
    subjects.INBOX: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.RENDER: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.REPLIES: (RetentionPolicy.WORK_QUEUE, 0),
    subjects.EVENTS: (RetentionPolicy.LIMITS, 7 * _DAY_S),
    subjects.PARKED: (RetentionPolicy.LIMITS, 30 * _DAY_S),
}


async def declare(bus: Bus, *, replicas: int) -> None:
    """
    Make the streams and the bucket what they should be; those that are stay as they are.

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
                max_msg_size=1024 * 1024,
            )
            try:
                await bus.jetstream.update_stream(config)
            except NotFoundError:
                await bus.jetstream.add_stream(config)
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


async def require(bus: Bus) -> None:
    """Raise ``BusDownError`` until the orchestrator has declared everything."""
    try:
        await bus.jetstream.key_value(subjects.SHOWN_BUCKET)
    except BUS_ERRORS as exc:
        raise BusDownError("the streams are not declared yet", code="no-streams") from exc
