"""The application as a function of its parts."""

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.routing import Match

from assistant.api import errors, feedback, openai
from assistant.api.routes import create_router
from assistant.pipeline import Assistant
from assistant.settings import Settings, package_version

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_DESCRIPTION = (
    "Ask a policy document, get the answer with the clause it stands in. For every citation "
    "`document.text[start_char_index:end_char_index] == cited_text`, in Unicode code points."
)


def create_app(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the API of an assistant; its /docs page needs no network."""
    app: FastAPI = FastAPIOffline(
        title="Tiaowen 条问", description=_DESCRIPTION, version=package_version(), redoc_url=None
    )
    errors.install(app)
    app.include_router(create_router(assistant, settings))
    app.include_router(feedback.create_router(assistant, settings))
    app.include_router(openai.create_router(assistant))
    for path in ("/v1/{rest:path}", "/healthz", "/readyz"):
        app.add_route(path, _nowhere, methods=_METHODS, include_in_schema=False)
    return app


async def _nowhere(request: Request) -> Response:
    """Keep what the API does not serve from falling through to whatever is mounted at /."""
    matches = [route.matches(request.scope)[0] for route in request.app.router.routes]
    raise HTTPException(405 if Match.PARTIAL in matches else 404)
