"""What other portals embed: the widget's script, a page for their iframes, a demonstration."""

import re
from html import escape
from pathlib import Path
from string import Template
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from starlette.staticfiles import StaticFiles

from assistant.pipeline import Assistant
from assistant.suggest import openings

_FOLDER = Path(__file__).parent / "widget"
_DEMO = Template((_FOLDER / "demo.html").read_text(encoding="utf-8"))
_LONGEST = 500  # characters of what an address may preset
_SCRIPT_HEADERS = {
    "content-type": "text/javascript; charset=utf-8",  # some systems' tables say otherwise
    "cache-control": "public, max-age=300",
    # It is public: a page may check its digest, or ask that all it loads says so.
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}

Short = Annotated[str, Field(max_length=_LONGEST)]


class Embedded(BaseModel):
    """What the address of an embedded page gives: attributes of the element."""

    site: Short = ""
    question: Short = ""
    document: Short = ""
    placeholder: Short = ""
    language: Literal["zh", "en"] = "zh"
    theme: Literal["", "light", "dark"] = ""


def add_embedding(app: FastAPI, assistant: Assistant) -> None:
    """Serve ``/widget.js``, ``/embed`` and ``/demo``; before anything is mounted at ``/``.

    Args:
        app: Gets the routes.
        assistant: Whose documents are asked about.
    """
    files = StaticFiles(directory=_FOLDER)
    questions: list[str] = []  # found on the first visit: each is asked before it is shown

    @app.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def widget(request: Request) -> Response:
        response = await files.get_response("widget.js", request.scope)
        response.headers.update(_SCRIPT_HEADERS)
        return response

    @app.get("/embed", include_in_schema=False)
    def embed(given: Annotated[Embedded, Query()]) -> HTMLResponse:
        if given.document:
            assistant.library.get(given.document)  # an unknown one is said at once, not when asked
        return HTMLResponse(embed_page(given))

    @app.get("/demo", include_in_schema=False)
    def demo() -> HTMLResponse:
        if not questions:
            questions.extend(sorted((found for _, found in openings(assistant)), key=len))
        return HTMLResponse(demo_page(questions))


def embed_page(given: Embedded) -> str:
    """Write the page for an iframe; what is not given is left out."""
    values = given.model_dump()
    attributes = "".join(f' {name}="{escape(values[name])}"' for name in values if values[name])
    title, language = ("Tiaowen", "en") if given.language == "en" else ("条问", "zh-CN")
    return _EMBED.format(language=language, title=title, attributes=attributes)


def demo_page(questions: list[str]) -> str:
    """Write the demonstration.

    Args:
        questions: What is preset: one for the element, one for the iframe; none is fine.
    """
    first, second = [*questions, "", ""][:2]
    in_url = re.sub(r"[^\w？，。、]", lambda found: quote(found[0]), second)  # and still to be read
    return _DEMO.substitute(first=escape(first), second=escape(in_url))


_EMBED = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>
body {{ margin: 0; }}
tiao-wen {{ --tiaowen-height: 100vh; --tiaowen-max-height: none; }}
tiao-wen::part(panel) {{ border: 0; border-radius: 0; }}
</style>
<script src="widget.js" defer></script></head>
<body><main><tiao-wen{attributes}></tiao-wen></main></body></html>
"""
