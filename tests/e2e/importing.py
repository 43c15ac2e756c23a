"""Files that are put into the archive, and jobs that are waited for."""

from datetime import datetime
from typing import Any

import httpx

from local.house import MAILBOX, OUR_NUMBER
from tests.e2e.asking import eventually

MAILBOX_PATH = f"/api/mailboxes/{MAILBOX.id}"


async def over(api: httpx.AsyncClient, job_id: str) -> dict[str, Any]:
    """Return the job when it is over."""

    async def is_over() -> dict[str, Any] | None:
        job: dict[str, Any] = (await api.get(f"/api/jobs/{job_id}")).json()
        return job if job["state"] in {"done", "failed"} else None

    return await eventually(is_over)


async def imported(api: httpx.AsyncClient, file: bytes, at: datetime) -> dict[str, Any]:
    """Put *file* into the archive, and return what was answered and what became of it."""
    known = {"size_bytes": len(file), "started_at": at.isoformat(), "number": OUR_NUMBER, "caller": "+14155550188"}
    asked = (await api.post(f"{MAILBOX_PATH}/imports", json=known)).raise_for_status().json()
    async with httpx.AsyncClient() as anybody:
        upload = asked["upload"]
        (await anybody.put(upload["url"], content=file, headers=upload["headers"])).raise_for_status()
    (await api.post(f"/api/jobs/{asked['job_id']}/start")).raise_for_status()
    return {**asked, **await over(api, asked["job_id"])}
