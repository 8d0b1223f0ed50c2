"""Composition root: settings → assistant → API → document pages → chat."""

import os

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.routing import Mount

from assistant.api import errors
from assistant.api.app import create_app
from assistant.opening import load_assistant
from assistant.pipeline import Assistant
from assistant.settings import Settings
from ui import render


def create_server(assistant: Assistant, settings: Settings) -> FastAPI:
    """Return the whole application: API at /v1, its page at /docs, documents, chat at /."""
    # Gradio reads these on import; it must not report home nor look for a newer release.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import gradio as gr  # noqa: PLC0415 (two seconds; not for the other commands)

    from ui.page import CSS, build_page, theme  # noqa: PLC0415

    app = create_app(assistant, settings)

    @app.get("/documents/{document_id}", include_in_schema=False)
    def document_page(document_id: str) -> HTMLResponse:
        document = assistant.library.get(document_id)
        outline = assistant.library.outline(document_id)
        return HTMLResponse(render.document_page(document, outline))

    served: FastAPI = gr.mount_gradio_app(
        app,
        build_page(assistant, settings),
        path="/",
        theme=theme(),
        css=CSS,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
    )
    for route in served.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            errors.install_misses(route.app)
    return served


def serve(settings: Settings, host: str, port: int) -> None:
    """Answer over HTTP until interrupted."""
    import uvicorn  # noqa: PLC0415 (only this command needs it)

    app = create_server(load_assistant(settings), settings)
    # An open chat page holds a connection for good: do not wait for it to go.
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=3)
