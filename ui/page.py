"""The Gradio chat: the conversation, and beside it the document with what is quoted marked."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.api import watch
from assistant.api.schemas import AskResponse
from assistant.pipeline import Assistant
from assistant.settings import Settings
from assistant.suggest import follow_ups, openings
from corpus.errors import TiaowenError
from ui import frame
from ui.book import Book
from ui.conversation import Turn, Writer
from ui.document_page import ICON
from ui.texts import LANGUAGES, Texts

_FOLDER = Path(__file__).parent
CSS = "\n".join(
    (_FOLDER / name).read_text(encoding="utf-8") for name in ("document.css", "page.css")
)
_SCRIPT = (_FOLDER / "page.js").read_text(encoding="utf-8")
_FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "system-ui", "sans-serif"]
_SHOWN_EVERY = 0.1  # seconds between two pictures of an answer that is being written
_BEFORE = 3  # questions that a shared one may bring along
_AT_ONCE = 16  # questions of all visitors that are worked on at the same time
# Browser state is kept under this; it hides nothing, and must stay the same over restarts.
_KEPT_AS = "tiaowen"


def theme() -> gr.themes.Base:
    """Return a quiet theme of local fonts: no request leaves the machine."""
    quiet = gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=_FONTS, font_mono=["monospace"]
    )
    return quiet.set(  # Gradio's own grey is too faint to read
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_text_color="white",
    )


def head(texts: Texts) -> str:
    """Return what stands in the page's head: the script that joins answer and document."""
    language = f"document.documentElement.lang = {texts.html_language!r};"
    return f"{ICON}<script>{language}\n{_SCRIPT}</script>"


def build_page(assistant: Assistant, settings: Settings, language: str = "zh") -> gr.Blocks:
    """Return the chat page of an assistant; nothing of a visit is kept on the server.

    Args:
        assistant: Who answers.
        settings: How long a question may be.
        language: A key of ``LANGUAGES``.
    """
    return _Page(assistant, settings, language).blocks()


class _Page:
    def __init__(self, assistant: Assistant, settings: Settings, language: str) -> None:
        self._assistant = assistant
        self._settings = settings
        self._texts = LANGUAGES[language]
        self._root = "" if language == "zh" else "../"
        names = {document.id: document.name for document in assistant.documents}
        english = language == "en"
        asked = openings(assistant, english=english) or frame.by_number(openings(assistant))
        examples = [question for _, question in asked]
        self._writer = Writer(self._texts, names, self._root, examples)
        self._start = frame.start(asked, list(names.values()), self._texts)

    def blocks(self) -> gr.Blocks:
        texts = self._texts
        with gr.Blocks(title=texts.title, analytics_enabled=False, fill_width=True) as page:
            store = gr.BrowserState({}, storage_key=_KEPT_AS, secret=_KEPT_AS)
            with gr.Sidebar(open=False, width=280, label=texts.conversations, elem_id="tw-side"):
                new = gr.Button(f"＋ {texts.new_conversation}", size="sm", elem_id="tw-new")
                chosen = gr.Radio([], label=texts.conversations, elem_id="tw-conversations")
                delete = gr.Button(texts.delete_conversation, size="sm", elem_id="tw-delete")
                clear = gr.Button(texts.clear_all, size="sm", elem_id="tw-clear")
            gr.HTML(frame.header(self._assistant.documents, self._texts), elem_id="tw-head")
            with gr.Row(elem_id="tw-panes", equal_height=False):
                with gr.Column(elem_id="tw-left", min_width=300, scale=6):
                    thread = gr.HTML(self._start, elem_id="tw-conversation")
                    more = gr.HTML("", elem_id="tw-more")
                    with gr.Row(elem_id="tw-composer"):
                        box = gr.Textbox(
                            placeholder=texts.placeholder,
                            label=texts.you,
                            show_label=False,
                            container=False,
                            lines=1,
                            max_lines=6,
                            autofocus=True,
                            scale=8,
                            elem_id="tw-box",
                        )
                        ask = gr.Button(
                            texts.ask, variant="primary", min_width=80, elem_id="tw-ask"
                        )
                        stop = gr.Button(texts.stop, min_width=80, elem_id="tw-stop")
                with gr.Column(elem_id="tw-right", min_width=300, scale=5):
                    gr.HTML(
                        frame.pane(self._assistant.library, self._texts, self._root),
                        elem_id="tw-pane",
                    )
            view = [thread, more, store, chosen]
            # Gradio's queue lives in one process: several workers answer each request by itself.
            alone = self._settings.workers == 1
            quiet = {"show_progress": "hidden", "api_visibility": "private", "queue": alone}
            asking = gr.on(
                [box.submit, ask.click],
                self._ask if alone else self._ask_at_once,
                [box, store],
                [box, *view],
                concurrency_limit=_AT_ONCE,
                **quiet,
            )
            asking.success(self._go_on, store, more, **quiet)
            stop.click(self._stopped, store, view, cancels=[asking] if alone else None, **quiet)
            for event, function, given in (
                (new.click, self._new, [store]),
                (chosen.input, self._open, [store, chosen]),
                (delete.click, self._delete, [store]),
                (clear.click, self._clear, []),
                (page.load, self._arrive, [store]),
            ):
                event(function, given, view, **quiet).success(self._go_on, store, more, **quiet)
        return page

    def _ask(self, message: str, kept: Any) -> Iterator[tuple[Any, ...]]:
        """Answer, and show what there is of the answer as it comes."""
        book = Book.read(kept)
        turns = book.current.turns
        thread = self._writer.thread
        if not message.strip():
            yield message, thread(turns) if turns else self._start, *[gr.skip()] * 3
            return
        yield "", thread(turns, pending=message), "", gr.skip(), gr.skip()
        try:
            events = self._assistant.stream(message, book.current.history)
            said, shown = "", time.monotonic()
            for event in events:
                said += event.data if event.kind == "delta" else ""
                if event.kind == "done":
                    watch.concluded(event.data)
                    book.add(Turn.of(message.strip(), AskResponse.from_domain(event.data)))
                elif said and time.monotonic() - shown > _SHOWN_EVERY:
                    shown = time.monotonic()
                    yield gr.skip(), thread(turns, pending=message, said=said), *[gr.skip()] * 3
        except TiaowenError as error:  # the question goes back into the box: nothing is lost
            yield message, thread(turns, notice=str(error)), "", gr.skip(), gr.skip()
            return
        yield gr.skip(), *self._view(book)

    def _ask_at_once(self, message: str, kept: Any) -> tuple[Any, ...]:
        """Answer in one piece: what ``_ask`` shows at last."""
        shown: list[Any] = [gr.skip()] * 5
        for values in self._ask(message, kept):
            for place, value in enumerate(values):
                if value != gr.skip():
                    shown[place] = value
        return tuple(shown)

    def _go_on(self, kept: Any) -> str:
        """Suggest what the cited clauses answer besides; the questions are Chinese, as they are."""
        conversation = Book.read(kept).current
        if self._root or not conversation.turns or not conversation.turns[-1].response.answerable:
            return ""
        asked, history = conversation.turns[-1].question, conversation.history[:-1]
        try:
            outcome = self._assistant.quote(asked, history)
        except TiaowenError:  # kept by a browser from when longer questions were accepted
            return ""
        questions = follow_ups(outcome, self._assistant) if isinstance(outcome, Answer) else []
        return frame.go_on(questions, self._texts)

    def _view(self, book: Book) -> tuple[Any, ...]:
        turns = book.current.turns
        choices = [(c.title, c.id) for c in book.conversations]
        listed = gr.Radio(choices=choices, value=book.current.id or None)
        html = self._writer.thread(turns) if turns else self._start
        return html, "", book.to_browser(), listed

    def _stopped(self, kept: Any) -> tuple[Any, ...]:
        return self._view(Book.read(kept))

    def _new(self, kept: Any) -> tuple[Any, ...]:
        book = Book.read(kept)
        book.open("")
        return self._view(book)

    def _open(self, kept: Any, identity: str | None) -> tuple[Any, ...]:
        book = Book.read(kept)
        book.open(identity or "")
        return self._view(book)

    def _delete(self, kept: Any) -> tuple[Any, ...]:
        book = Book.read(kept)
        book.delete_current()
        return self._view(book)

    def _clear(self) -> tuple[Any, ...]:
        return self._view(Book())

    def _arrive(self, kept: Any, request: gr.Request) -> tuple[Any, ...]:
        """Show the conversation that was open; a shared question (``?q=``) is asked anew.

        A follow-up comes with the questions that it goes back to (``after=``), line by line.
        """
        book = Book.read(kept)
        shared = request.query_params.get("q", "").strip()
        if not shared:
            return self._view(book)
        before = request.query_params.get("after", "").splitlines()[-_BEFORE:]
        questions = [asked for asked in map(str.strip, [*before, shared]) if asked]
        if [turn.question for turn in book.current.turns] != questions:
            book.open("")
            for asked in questions:
                try:
                    outcome = self._assistant.ask(asked, book.current.history)
                except TiaowenError as error:
                    html = self._writer.thread(book.current.turns, notice=str(error))
                    return html, "", *self._view(book)[2:]
                watch.concluded(outcome)
                book.add(Turn.of(asked, AskResponse.from_domain(outcome)))
        return self._view(book)
