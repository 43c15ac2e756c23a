"""Lambda's event of the queue of jobs, read into the jobs to go on with, and the answer that names what failed.

Source: AWS Lambda, "Using Lambda with SQS", partial batch responses.
"""

from collections.abc import Callable, Iterator

from telephony.aws import jobs
from telephony.errors import TelephonyError, WireError
from telephony.jobs import JobId
from telephony.log import logger

BatchResult = dict[str, list[dict[str, str]]]
"""Lambda's `batchItemFailures`."""


def on_messages(event: object, work: Callable[[JobId], None]) -> BatchResult:
    """Go on with the job of each message. Nothing is raised: what can't be read is logged and passed over."""
    failed = [identifier for job_id, identifier in _readable(event) if not _succeeds(job_id, work)]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def _readable(event: object) -> Iterator[tuple[JobId, str]]:
    records = event.get("Records") if isinstance(event, dict) else None
    for record in records if isinstance(records, list) else ():
        match record:
            case {"body": str(body), "messageId": str(identifier)}:
                try:
                    yield jobs.parse(body), identifier
                except WireError as exc:
                    logger().error("message-unreadable", error=str(exc))
            case _:
                logger().error("record-unreadable")


def _succeeds(job_id: JobId, work: Callable[[JobId], None]) -> bool:
    try:
        work(job_id)
    except TelephonyError as exc:
        logger().warning("job-failed", job_id=job_id, error=str(exc))
        return False
    except Exception:  # noqa: BLE001 - the outermost edge: a bug ends this message's turn, not the others'
        logger().error("job-crashed", job_id=job_id, exc_info=True)
        return False
    return True
