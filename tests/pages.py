"""What the tests of the chat page share: HTML read back, turns of a conversation."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser

from assistant.api.schemas import AskResponse
from assistant.pipeline import Assistant
from assistant.question import Turn as Earlier
from ui.conversation import Turn

_VOID = ("meta", "br", "img", "hr", "link", "input")
_DANGEROUS = {"script", "img", "iframe", "object", "link", "base", "form", "style"}
_OWN_ADDRESS = re.compile(r"#|\.\./(?!/)|documents/")


@dataclass
class Element:
    """An element with all the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class Html(HTMLParser):
    """HTML read back; fails on what does not nest."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.text = ""
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        for element in self._open:
            element.text += data

    def all(self, tag: str = "", name: str = "") -> list[Element]:
        """Elements of a tag and class, in the order of the page."""
        return [
            element
            for element in self.elements
            if tag in ("", element.tag) and (not name or name in element.classes)
        ]

    def one(self, tag: str = "", name: str = "") -> Element:
        (element,) = self.all(tag, name)
        return element

    @property
    def marks(self) -> list[str]:
        return [mark.text for mark in self.all("mark")]

    @property
    def identities(self) -> list[str]:
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]


def assert_harmless(html: str) -> None:
    """Nothing runs, nothing is loaded, every link stays on the server."""
    page = Html(html)
    assert not {element.tag for element in page.elements} & _DANGEROUS
    for element in page.elements:
        assert not [name for name in element.attributes if name.startswith("on")]
        assert _OWN_ADDRESS.match(element.attributes.get("href", "#")), element
        assert "src" not in element.attributes


def turn_of(assistant: Assistant, question: str, history: Sequence[str] = ()) -> Turn:
    """A question with what the assistant makes of it."""
    outcome = assistant.ask(question, [Earlier("user", earlier) for earlier in history])
    return Turn.of(question, AskResponse.from_domain(outcome))


def small_turn(question: str, identity: str = "1") -> Turn:
    """A turn that nobody had to be asked for."""
    response = {
        "id": identity,
        "answerable": False,
        "mode": "extractive",
        "answer": "",
        "citations": [],
        "evidence": [],
        "confidence": 0.0,
        "refusal": {"reason": "greeting", "message": "你好", "nearest": []},
        "timings_ms": {},
        "model": {"encoder": "e", "generator": None},
    }
    return Turn.model_validate({"question": question, "response": response})
