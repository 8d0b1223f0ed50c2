"""The conversations a browser keeps: read with suspicion, bounded, newest first."""

import json
from typing import Any

import pytest
from pages import small_turn

from assistant import question
from ui.book import MOST_CONVERSATIONS, MOST_TURNS, Book, Conversation


def book_of(*questions: str) -> Book:
    """A book with a conversation for each question, the last one open."""
    book = Book()
    for asked in questions:
        book.open("")
        book.add(small_turn(asked))
    return book


def titles(book: Book) -> list[str]:
    return [conversation.title for conversation in book.conversations]


def test_a_book_begins_empty() -> None:
    book = Book()
    assert book.conversations == []
    assert book.current == Conversation("")
    assert book.to_browser() == {"current": "", "conversations": []}


def test_a_first_turn_opens_a_conversation() -> None:
    book = book_of("甲")
    assert book.current.id
    assert book.conversations == [book.current]
    book.add(small_turn("乙"))
    assert [turn.question for turn in book.current.turns] == ["甲", "乙"]
    assert len(book.conversations) == 1


def test_the_newest_conversation_stands_first() -> None:
    book = book_of("甲", "乙", "丙")
    assert titles(book) == ["丙", "乙", "甲"]
    assert len({conversation.id for conversation in book.conversations}) == 3
    book.open(book.conversations[2].id)
    book.add(small_turn("丁"))
    assert titles(book) == ["甲", "丙", "乙"]
    assert [turn.question for turn in book.current.turns] == ["甲", "丁"]


def test_opening_keeps_the_others() -> None:
    book = book_of("甲", "乙")
    book.open("")
    assert book.current.turns == []
    assert titles(book) == ["乙", "甲"]
    book.open("nowhere")
    assert book.current == Conversation("")


def test_what_cannot_be_opened_is_begun_anew() -> None:
    book = book_of("甲")
    book.open("nowhere")
    book.add(small_turn("乙"))
    assert titles(book) == ["乙", "甲"]
    assert book.current.id not in ("", "nowhere")


def test_deleting_forgets_the_open_one_alone() -> None:
    book = book_of("甲", "乙")
    book.delete_current()
    assert titles(book) == ["甲"]
    assert book.current.turns == []
    book.delete_current()
    assert titles(book) == ["甲"]


def test_a_browser_gives_back_what_it_was_given() -> None:
    book = book_of("甲", "乙")
    book.open(book.conversations[1].id)
    again = Book.read(json.loads(json.dumps(book.to_browser())))
    assert again.conversations == book.conversations
    assert again.current == book.current
    assert again.current.title == "甲"


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        7,
        "book",
        [],
        {},
        {"conversations": 7},
        {"conversations": {"id": 1}},
        {"conversations": [None, 7, "x", [], {}], "current": 7},
        {"conversations": [{"id": "1"}, {"id": "2", "turns": []}, {"id": "3", "turns": 7}]},
        {"conversations": [{"id": "1", "turns": [{"question": "问"}]}], "current": "1"},
        {"current": ["x"]},
    ],
)
def test_garbage_from_a_browser_is_an_empty_book(garbage: Any) -> None:
    book = Book.read(garbage)
    assert book.conversations == []
    assert book.current.turns == []
    book.add(small_turn("问"))
    assert titles(book) == ["问"]


def test_what_can_be_read_is_kept_beside_garbage() -> None:
    kept = book_of("甲", "乙").to_browser()
    kept["conversations"][0]["turns"].insert(0, {"question": 7})
    kept["conversations"].insert(1, None)
    kept["conversations"][2].pop("id")
    book = Book.read(kept)
    assert titles(book) == ["乙", "甲"]
    assert book.current.title == "乙"


def test_only_so_much_is_kept() -> None:
    book = book_of(*(f"第{number}问" for number in range(MOST_CONVERSATIONS + 2)))
    assert len(book.conversations) == MOST_CONVERSATIONS
    assert titles(book)[0] == f"第{MOST_CONVERSATIONS + 1}问"
    assert "第0问" not in titles(book)
    for number in range(MOST_TURNS + 1):
        book.add(small_turn(f"接着{number}"))
    assert len(book.current.turns) == MOST_TURNS
    assert book.current.turns[-1].question == f"接着{MOST_TURNS}"


def test_the_pipeline_sees_the_last_questions_only() -> None:
    book = Book()
    for number in range(question.MAX_HISTORY + 3):
        book.add(small_turn(f"第{number}问"))
    history = book.current.history
    assert len(history) == question.MAX_HISTORY
    assert history[0] == question.Turn("user", "第3问")
    assert history[-1].content == f"第{question.MAX_HISTORY + 2}问"
    assert Book().current.history == []


@pytest.mark.parametrize(
    ("asked", "title"),
    [("短", "短"), ("问" * 24, "问" * 24), ("问" * 25, "问" * 23 + "…")],
)
def test_a_title_is_the_first_question_cut_short(asked: str, title: str) -> None:
    book = book_of(asked)
    book.add(small_turn("别的"))
    assert book.current.title == title
