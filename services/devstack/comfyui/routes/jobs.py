"""/api/jobs: queue and history in one form. New in 0.8.0; without the prefix it does not exist."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from services.devstack.comfyui.core import Core
from services.devstack.comfyui.engine.history import Entry
from services.devstack.comfyui.engine.types import QueueItem

_STATUSES = ("pending", "in_progress", "completed", "failed")
_ENDINGS = ("execution_success", "execution_error", "execution_interrupted")
_NOT_FILES = ("animated", "text")
_SHOWABLE = ("images", "video", "audio")

Job = dict[str, Any]


class _BadQueryError(Exception):
    """A parameter that the real server answers 400 to."""


class JobRoutes:
    """Reading jobs."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def table(self) -> list[web.RouteDef]:
        """Routes and their handlers."""
        return [web.get("/api/jobs", self._list), web.get("/api/jobs/{job_id}", self._one)]

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        try:
            statuses = _statuses(query.get("status"))
            by_time = _one_of(
                query.get("sort_by", "created_at"), ("created_at", "execution_duration"), "sort_by"
            )
            order = _one_of(query.get("sort_order", "desc"), ("asc", "desc"), "sort_order")
            limit = _limit(query.get("limit"))
            offset = max(_whole(query.get("offset"), "offset") or 0, 0)
        except _BadQueryError as error:
            return web.json_response({"error": str(error)}, status=400)
        jobs = [job for job in self._all() if job["status"] in statuses]
        if "workflow_id" in query:
            jobs = [job for job in jobs if job.get("workflow_id") == query["workflow_id"]]
        key = _created if by_time == "created_at" else _duration
        jobs.sort(key=key, reverse=order == "desc")
        page = jobs[offset:] if limit is None else jobs[offset : offset + limit]
        more = offset + len(page) < len(jobs)
        pagination = {"offset": offset, "limit": limit, "total": len(jobs), "has_more": more}
        return web.json_response({"jobs": page, "pagination": pagination})

    async def _one(self, request: web.Request) -> web.Response:
        job_id = request.match_info["job_id"]
        for entry in self._core.history.one(job_id).values():
            whole = {
                "outputs": entry["outputs"],
                "execution_status": entry["status"],
                "workflow": {"prompt": entry["prompt"][2], "extra_data": entry["prompt"][3]},
            }
            return web.json_response(_finished(entry) | whole)
        for job in self._queued():
            if job["id"] == job_id:
                return web.json_response(job)
        return web.json_response({"error": "Job not found"}, status=404)

    def _all(self) -> list[Job]:
        return self._queued() + [_finished(one) for one in self._core.history.window(None, -1).values()]

    def _queued(self) -> list[Job]:
        queue = self._core.queue
        running = [_waiting(item, "in_progress") for item in queue.running()]
        return running + [_waiting(item, "pending") for item in queue.pending()]


def _waiting(item: QueueItem, status: str) -> Job:
    number, prompt_id, _, extra, *_ = item
    return _pruned(
        id=prompt_id,
        status=status,
        priority=number,
        create_time=extra.get("create_time"),
        outputs_count=0,
        workflow_id=_workflow_id(extra),
    )


def _finished(entry: Entry) -> Job:
    number, prompt_id, _, extra, _ = entry["prompt"]
    said: dict[str, dict[str, Any]] = dict(entry["status"]["messages"])
    ended = next((said[name] for name in _ENDINGS if name in said), dict[str, Any]())
    count, shown = _summary(entry["outputs"])
    return _pruned(
        id=prompt_id,
        status="completed" if entry["status"]["status_str"] == "success" else "failed",
        priority=number,
        create_time=extra.get("create_time"),
        execution_start_time=said.get("execution_start", {}).get("timestamp"),
        execution_end_time=ended.get("timestamp"),
        execution_error=said.get("execution_error"),
        outputs_count=count,
        preview_output=shown,
        workflow_id=_workflow_id(extra),
    )


def _summary(outputs: dict[str, dict[str, Any]]) -> tuple[int, dict[str, Any] | None]:
    """Number of files, and the one to show: a saved one if there is, else a temporary one."""
    files: list[dict[str, Any]] = [
        {**file, "nodeId": node_id, "mediaType": media}
        for node_id, shown in outputs.items()
        for media, items in shown.items()
        for file in items
        if media not in _NOT_FILES
    ]
    showable = [file for file in files if file["mediaType"] in _SHOWABLE]
    saved = [file for file in showable if file["type"] == "output"]
    return len(files), next(iter([*saved, *showable]), None)


def _pruned(**facts: Any) -> Job:
    return {name: value for name, value in facts.items() if value is not None}


def _workflow_id(extra: dict[str, Any]) -> str | None:
    return extra.get("extra_pnginfo", {}).get("workflow", {}).get("id")


def _created(job: Job) -> int:
    return job.get("create_time", 0)


def _duration(job: Job) -> int:
    return job.get("execution_end_time", 0) - job.get("execution_start_time", 0)


def _statuses(given: str | None) -> tuple[str, ...]:
    asked = tuple(one.strip().lower() for one in (given or "").split(",") if one.strip())
    wrong = [one for one in asked if one not in _STATUSES]
    if wrong:
        raise _BadQueryError(
            f"Invalid status value(s): {', '.join(wrong)}. Valid values: {', '.join(_STATUSES)}"
        )
    return asked or _STATUSES


def _one_of(given: str, options: tuple[str, str], name: str) -> str:
    if given.lower() not in options:
        raise _BadQueryError(f"{name} must be '{options[0]}' or '{options[1]}'")
    return given.lower()


def _limit(given: str | None) -> int | None:
    limit = _whole(given, "limit")
    if limit is not None and limit <= 0:
        raise _BadQueryError("limit must be a positive integer")
    return limit


def _whole(given: str | None, name: str) -> int | None:
    try:
        return None if given is None else int(given)
    except ValueError as error:
        raise _BadQueryError(f"{name} must be an integer") from error
