"""The API as an application."""

import logging
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from mangum import Mangum

from functions.api import (
    problems,
    routes_calls,
    routes_deliveries,
    routes_directory,
    routes_erasures,
    routes_exports,
    routes_health,
    routes_imports,
    routes_jobs,
    routes_listen,
    routes_mailboxes,
    routes_marks,
    routes_outgoing,
    routes_pauses,
    routes_search,
    routes_transcripts,
    routes_usage,
    routes_webhooks,
)
from functions.api.edge import Edge
from functions.api.formats import Format
from functions.api.ports import ApiPorts

TITLE = "Ringscribe"
VERSION = "1"
DESCRIPTION = "Every call to your Twilio number in writing. Errors are problem details (RFC 9457)."

TEXT_MEDIA_TYPES: Final = ["text/", "application/json", problems.MEDIA_TYPE, Format.SRT.media_type]
"""What API Gateway gets as it is; the rest would be base64-encoded."""

ROUTES: Final = (
    routes_directory,
    routes_mailboxes,
    routes_webhooks,
    routes_search,
    routes_outgoing,
    routes_calls,
    routes_pauses,
    routes_marks,
    routes_transcripts,
    routes_deliveries,
    routes_usage,
    routes_jobs,
    routes_erasures,
    routes_exports,
    routes_imports,
    routes_listen,
    routes_health,
)


class Api(FastAPI):
    """FastAPI, with the one schema that its own document would lack."""

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document."""
        if self.openapi_schema is None:
            document = get_openapi(
                title=self.title, version=self.version, description=self.description, routes=self.routes, tags=[]
            )
            schema = problems.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            document["components"]["schemas"].update(schema.pop("$defs"), Problem=schema)
            self.openapi_schema = document
        return self.openapi_schema


def create_app(ports: ApiPorts) -> FastAPI:
    """Return the API on these ports."""
    # No pages to browse the document with: they would load scripts from elsewhere.
    app = Api(
        title=TITLE,
        version=VERSION,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.ports = ports
    problems.install(app)
    app.add_middleware(Edge)
    for routes in ROUTES:
        app.include_router(routes.router)
    return app


def gateway(app: FastAPI) -> Mangum:
    """Return *app* as a Lambda handler behind an HTTP API."""
    # What Mangum logs holds the path, which can hold a token; the app writes its own line for each request.
    logging.getLogger("mangum").setLevel(logging.WARNING)
    return Mangum(app, lifespan="off", text_mime_types=TEXT_MEDIA_TYPES)
