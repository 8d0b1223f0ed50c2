"""The route by which a page of an allowed origin gets a token for its site key."""

from typing import Annotated

from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, Field

from assistant.api import schemas
from assistant.sessions import LIFETIME, Sessions


class SessionRequest(schemas.Body):
    """A site key, as it stands in the page."""

    site_key: Annotated[str, Field(min_length=1, max_length=200)]


class SessionResponse(BaseModel):
    """A token to be sent as ``Authorization: Bearer``, and for how many seconds it is good."""

    token: str
    expires_in: int


def create_router(sessions: Sessions) -> APIRouter:
    """Return the route."""
    router = APIRouter()

    @router.post("/v1/session", tags=["access"], summary="Exchange a site key for a token")
    def session(
        request: Request,
        body: SessionRequest,
        origin: Annotated[str | None, Header(max_length=2000)] = None,
    ) -> SessionResponse:
        """Exchange a site key for a token, good for half an hour on pages of this origin.

        A page sends it: its browser says the `Origin`, which must be on the site key's list. The
        widget does all of this itself.
        """
        own = f"{request.url.scheme}://{request.url.netloc}"
        token = sessions.open(body.site_key, origin, own)
        return SessionResponse(token=token, expires_in=LIFETIME)

    return router
