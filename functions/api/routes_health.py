"""Whether the API can answer."""

from fastapi import APIRouter

from functions.api.models import HealthOut

router = APIRouter(prefix="/api", tags=["health"])


@router.get("/health", summary="Say that the API can answer")
async def health() -> HealthOut:
    """Answer without asking anything of anybody."""
    return HealthOut()
