"""What stands around a conversation, as HTML: the bar, the start, the document's pane. Pure."""

from collections.abc import Sequence
from html import escape

from corpus.model import Document
from corpus.store import Library
from ui.conversation import signature
from ui.document_page import article, link
from ui.texts import Texts

_NAMED = 3  # documents named in the bar
_SAID = ("working", "copied", "why", "send", "thanks", "failed", "html_language", "title")


def header(documents: Sequence[Document], texts: Texts) -> str:
    """Write the bar on top: what is asked about, export, theme and language.

    Its ``data-`` attributes hold what the page's script says.
    """
    names = listed([document.name for document in documents])
    tools = (
        ("export-md", "↓ MD", f"{texts.export} Markdown"),
        ("export-docx", "↓ DOCX", f"{texts.export} DOCX"),
        ("theme", "◐", texts.theme),
        ("language", texts.other_language, texts.other_language),
    )
    buttons = "".join(
        f'<button type="button" data-do="{do}" title="{escape(title)}"'
        f' aria-label="{escape(title)}">{escape(sign)}</button>'
        for do, sign, title in tools
    )
    said = {name: getattr(texts, name) for name in _SAID}
    said["signature"] = signature(texts)
    data = "".join(f' data-{name.replace("_", "-")}="{escape(said[name])}"' for name in said)
    return (
        f'<div class="tw-bar" id="tw-bar"{data}><h1>{escape(texts.title)}</h1>'
        f'<p class="tw-about">{escape(names)}</p><div class="tw-tools">{buttons}</div></div>'
    )


def start(questions: Sequence[tuple[str, str]], names: Sequence[str], texts: Texts) -> str:
    """Write what a visitor sees first: what this is, what it does not do, questions to begin with.

    Args:
        questions: Chapter's title and a question, for each chapter; none is fine.
        names: What the documents are called.
        texts: Of the interface's language.
    """
    cards = "".join(_card(question, chapter) for chapter, question in questions)
    begin = f'<h3>{escape(texts.begin)}</h3><div class="tw-cards">{cards}</div>' if cards else ""
    return (
        f'<div class="tw-start"><h2>{escape(texts.tagline)}</h2>'
        f'<p class="tw-which">{escape(listed(names))}</p>'
        f"<p>{escape(texts.limits)}</p>{begin}</div>"
    )


def by_number(questions: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Ask in English for clauses by their number, where questions are Chinese only."""
    return [("", f"What does clause {number} say?") for number, _ in enumerate(questions, 1)]


def go_on(questions: Sequence[str], texts: Texts) -> str:
    """Write what to ask next; nothing if there is nothing."""
    cards = "".join(map(_card, questions))
    return f'<div class="tw-go-on"><span>{escape(texts.go_on)}</span>{cards}</div>' if cards else ""


def pane(library: Library, texts: Texts, root: str) -> str:
    """Write the pane beside the conversation: the first document, and a choice if there are more.

    Args:
        library: At least one document.
        texts: Of the interface's language.
        root: The way from the page to the server's root.
    """
    documents = list(library)
    first = documents[0]
    options = "".join(
        f'<option value="{escape(d.id)}">{escape(d.name)}</option>' for d in documents
    )
    hidden = " hidden" if len(documents) == 1 else ""
    label = escape(texts.document)
    return (
        f'<section class="tw-document" aria-label="{label}"><div class="tw-docbar">'
        f'<select id="tw-choose" aria-label="{label}"{hidden}>{options}</select>'
        f'<button type="button" data-do="back">↑ {escape(texts.back_to_answer)}</button>'
        f'<a id="tw-alone" target="_blank" href="{escape(link(first.id, root=root))}">'
        f"{escape(texts.open_document)} ↗</a></div>"
        f'<div class="tw-paper" id="tw-paper" tabindex="0" role="region"'
        f' aria-label="{escape(first.name)}">'
        f"{article(first, library.outline(first.id), (), texts)}</div></section>"
    )


def listed(names: Sequence[str]) -> str:
    """Name documents: 《甲》、《乙》; of many only the first."""
    return "、".join(f"《{name}》" for name in names[:_NAMED]) + ("等" if names[_NAMED:] else "")


def _card(question: str, chapter: str = "") -> str:
    small = f"<small>{escape(chapter)}</small>" if chapter else ""
    shown = f"{small}<span>{escape(question)}</span>"
    return f'<button type="button" class="tw-question">{shown}</button>'
