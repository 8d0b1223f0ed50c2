"""What a path asks of its caller: one table for the guard, the limits and the OpenAPI document."""

from dataclasses import dataclass

from starlette._utils import get_route_path
from starlette.types import Scope as AsgiScope

from assistant.keys import Scope


@dataclass(frozen=True)
class Area:
    """A part of the application.

    Attributes:
        scopes: Any one of them is needed where keys are asked for; none: free.
        limited: Whether its requests are counted.
        page: Whether it belongs to the chat and document pages, which can be closed.
    """

    scopes: frozenset[Scope] = frozenset()
    limited: bool = False
    page: bool = False


_ASK = Area(frozenset({Scope.ASK}), limited=True)
_READ = Area(frozenset({Scope.ASK, Scope.DOCUMENTS}), limited=True)
_ADMIN = Area(frozenset({Scope.ADMIN}))
_FREE = Area()
_PAGE = Area(page=True)
_ASKING_PAGE = Area(page=True, limited=True)

# The longest prefix decides; what is under /v1 and not named needs a key that may ask.
_AREAS = {
    "/v1": _ASK,
    "/v1/documents": _READ,
    "/v1/clauses": _READ,
    "/v1/session": Area(limited=True),
    "/mcp": _ASK,
    "/metrics": _ADMIN,
    "/healthz": _FREE,
    "/readyz": _FREE,
    "/docs": _FREE,
    "/openapi.json": _FREE,
    "/static-offline-docs": _FREE,
    "/widget": _FREE,
    "/widget.js": _FREE,
    "/embed": _FREE,
    "/export": _ASKING_PAGE,
    "/gradio_api/queue/join": _ASKING_PAGE,
    "/en/gradio_api/queue/join": _ASKING_PAGE,
}
_LONGEST_FIRST = sorted(_AREAS.items(), key=lambda item: -len(item[0]))


def area_of(path: str) -> Area:
    """Return the area of a path, relative to the application's root; a page unless named."""
    for prefix, area in _LONGEST_FIRST:
        if path == prefix or path.startswith(f"{prefix}/"):
            return area
    return _PAGE


def area_of_scope(scope: AsgiScope) -> Area:
    """Return the area that a request goes to, behind a proxy's sub-path too."""
    return area_of(get_route_path(scope))
