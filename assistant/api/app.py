"""The application as a function of its parts."""

import time
from collections.abc import Sequence

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Match, Mount

from assistant.access import Access, key_store
from assistant.api import errors, feedback, metrics, openai, openapi, session
from assistant.api.bounds import Bounds
from assistant.api.guard import Guard
from assistant.api.hosts import Hosts
from assistant.api.origins import Cors, Framing, Origins
from assistant.api.rates import Rates
from assistant.api.routes import create_router
from assistant.api.watch import Watch
from assistant.pipeline import Assistant
from assistant.sessions import Clock, Sessions
from assistant.settings import Settings, package_version

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_DESCRIPTION = """Ask a policy document, get the answer with the clause it stands in.

* **A citation is the source.** For each, `text[start:end] == cited_text`, where `text` is the
  document's, `start` is `start_char_index` and `end` is `end_char_index`: Unicode code points from
  0, ends exclusive.
* **A refusal is an answer, too** (200): `answerable` is false, `refusal` says why and names the
  nearest clauses. Show `refusal.message` to your visitors.
* **An error has one shape**, `{"error": {"code", "message", "detail"}}`: `code` for a program,
  `message` for a person (one sentence in Chinese), `detail` where there is more for a program.
* Where keys are asked for, send `Authorization: Bearer tw_…`; a web page sends the token that it
  gets for its site key from `POST /v1/session`.

Every route below shows a command to copy.
"""


def create_app(
    assistant: Assistant,
    settings: Settings,
    middleware: Sequence[Middleware] = (),
    around: Sequence[Middleware] = (),
    clock: Clock = time.time,
) -> FastAPI:
    """Return the API of an assistant; its /docs page needs no network.

    Args:
        assistant: What answers.
        settings: ``auth`` other than ``on`` asks for no keys, ``host_check`` other than ``on``
            for no name: only ``access.settle`` knows the address that ``auto`` depends on.
        middleware: Run once a request has been let through, outermost first.
        around: Run for every request, refused ones too: what shapes answers for their readers.
        clock: What session tokens expire by, in seconds since the epoch.

    Raises:
        BadSettings: The rate or its storage cannot be read.
    """
    store = key_store(settings)
    sessions = Sessions(store, clock)
    origins = Origins(store)
    rates = Rates(settings)
    named = settings.host_check == "on"
    app: FastAPI = FastAPIOffline(
        title="Tiaowen 条问",
        description=_DESCRIPTION,
        version=package_version(),
        openapi_tags=openapi.TAGS,
        redoc_url=None,
        swagger_ui_parameters={"validatorUrl": None},  # its badge would ask a site on the net
        middleware=[
            Middleware(Watch, log_questions=settings.log_questions),
            Middleware(Framing, origins=origins),
            *around,
            *([Middleware(Hosts, allowed=settings.hosts)] if named else []),
            Middleware(Cors, origins=origins),
            Middleware(Guard, settings, Access(store, sessions), rates),
            *middleware,
            Middleware(Bounds, max_body=settings.max_body, timeout=settings.timeout),
        ],
    )
    errors.install(app)
    app.include_router(create_router(assistant, settings))
    app.include_router(feedback.create_router(assistant, settings))
    app.include_router(openai.create_router(assistant))
    app.include_router(session.create_router(sessions))
    app.include_router(metrics.create_router())
    for path in ("/v1/{rest:path}", "/healthz", "/readyz", "/metrics"):
        app.add_route(path, _nowhere, methods=_METHODS, include_in_schema=False)
    openapi.install(app, keys=settings.auth == "on", counted=rates.on, named=named)
    return app


async def _nowhere(request: Request) -> Response:
    """Keep what the API does not serve from falling through to whatever is mounted at /."""
    allowed = [method for method in _METHODS if _served(request, method)]
    if allowed:
        raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
    raise HTTPException(404)


def _served(request: Request, method: str) -> bool:
    """Say whether a route of the API answers another method here."""
    scope = {**request.scope, "method": method}
    return any(
        route.matches(scope)[0] is Match.FULL
        for route in request.app.router.routes
        if not isinstance(route, Mount) and getattr(route, "endpoint", None) is not _nowhere
    )
