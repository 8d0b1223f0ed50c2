"""Not sending again what the caller has: ETag and If-None-Match."""

import hashlib
from typing import Annotated

from fastapi import Header, Response

IfNoneMatch = Annotated[str | None, Header(description="an ETag got before", max_length=2000)]


def conditional(body: bytes, media_type: str, known: str | None) -> Response:
    """Return a body with its tag, or 304 without it where the caller has it.

    Args:
        body: All of it.
        media_type: Its type.
        known: The ``If-None-Match`` header.
    """
    # Weak: the bytes on the wire may be compressed.
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if _has(tag, known or ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _has(tag: str, known: str) -> bool:
    listed = [one.strip().removeprefix("W/") for one in known.split(",")]
    return "*" in listed or tag.removeprefix("W/") in listed
