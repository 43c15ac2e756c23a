"""Calls as they go on: stop listening, and go on."""

from http import HTTPStatus

from fastapi import APIRouter

from functions.api import pausing
from functions.api.access import ManagedCall, Manager, Ports
from functions.api.models_control import PauseOut
from functions.api.problems import COMMON_PROBLEMS, documented

router = APIRouter(prefix="/api/calls/{call_sid}", tags=["calls"])


@router.post(
    "/pause", summary="Stop listening and recording", responses=documented(HTTPStatus.CONFLICT, *COMMON_PROBLEMS)
)
def pause_call(ports: Ports, managed: ManagedCall, manager: Manager) -> PauseOut:
    """Stop the stream, and with it interim text, and put silence into the recording, until it is resumed.

    Wait for the answer before anything is said that must not be kept. After an error ask again: listening may have
    stopped, and the recording not. Asking again is no second pause.
    """
    call, facts = managed
    return PauseOut.of(pausing.pause(ports, call, facts, manager))


@router.post("/resume", summary="Listen and record again", responses=documented(HTTPStatus.CONFLICT, *COMMON_PROBLEMS))
def resume_call(ports: Ports, managed: ManagedCall) -> PauseOut:
    """End the pause: a new stream is started, and the recording has sound again. Asking again changes nothing."""
    return PauseOut.of(pausing.resume(ports, *managed))
