"""What is measured of a sentence, and the reader's weights."""

import numpy as np
import pytest
from fakes import LAW_TEXT
from support import assistant_of

from assistant.pipeline import Assistant
from assistant.question import Turn, understand
from assistant.reader import Reader, reader
from assistant.signals import NAMES, Measured, longest_run, measure
from corpus.model import Document
from index.encode import load_encoder


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return assistant_of(Document("l", "示范法", LAW_TEXT))


def measured(assistant: Assistant, question: str, *history: str) -> Measured:
    query = understand(question, [Turn("user", earlier) for earlier in history])
    return measure(query, assistant.searcher.search(query.text), assistant.searcher)


def of(found: Measured, name: str, begins: str) -> float:
    texts = [sentence.text for sentence in found.sentences]
    return float(found.column(name)[next(i for i, t in enumerate(texts) if t.startswith(begins))])


def test_a_row_for_every_sentence(assistant: Assistant) -> None:
    found = measured(assistant, "违反示范法罚款多少？")
    assert found.rows.shape == (len(found.sentences), len(NAMES))
    assert np.isfinite(found.rows).all()
    assert found.column("overlap").min() >= 0
    assert found.column("overlap").max() <= 1.000001


def test_no_hits_no_rows(assistant: Assistant) -> None:
    found = measure(understand("罚款"), [], assistant.searcher)
    assert found.rows.shape == (0, len(NAMES))


def test_a_value_is_seen_where_one_is_asked_for(assistant: Assistant) -> None:
    found = measured(assistant, "违反本法的罚款多少？")
    assert of(found, "value", "违反本法的，处一万元") == 1
    assert of(found, "no_value", "违反本法的，处一万元") == 0
    assert of(found, "no_value", "示范活动应当公开") == 1
    assert set(measured(assistant, "示范活动公开").column("no_value")) == {0}


def test_an_item_is_read_with_the_line_that_introduces_it(assistant: Assistant) -> None:
    found = measured(assistant, "示范人应当具备的条件里有固定的场所吗")
    assert of(found, "lead", "有固定的场所") > 0
    assert of(found, "lead", "示范人应当具备") == 0
    assert of(found, "introduces", "示范人应当具备") == 1


def test_a_follow_up_is_measured_by_its_own_words_too(assistant: Assistant) -> None:
    found = measured(assistant, "那经费不足呢？", "示范人应当具备什么条件？")
    assert of(found, "own_overlap", "经费不足的") > of(found, "overlap", "经费不足的")


def test_the_longest_run() -> None:
    assert longest_run("居住证有效期", "海外居住证的有效期限") == 3
    assert longest_run("甲", "乙") == 0
    assert longest_run("", "乙") == 0


def test_weights_are_written_and_read_again() -> None:
    ours = Reader(tuple(float(n) for n in range(len(NAMES))))
    assert Reader.from_json(ours.to_json()) == ours
    assert ours.weight(NAMES[3]) == 3
    with pytest.raises(KeyError):
        Reader.from_json("{}")


def test_the_reader_that_ships_prefers_what_is_like_the_question() -> None:
    assert reader().weight("overlap") > 0
    assert reader().weight("heading") < 0


def test_the_part_of_a_sentence_and_of_a_question_that_meet(assistant: Assistant) -> None:
    shipped = assistant_of(
        Document(
            "p",
            "示范办法",
            "第一条　从事示范活动的人员，经所在单位同意，可以到企业兼职，兼职收入归个人所有。\n"
            "第二条　示范场所由市场监督管理部门登记，登记机关应当公开办事指南。\n",
        ),
        encoder=load_encoder(),
    )
    found = measured(shipped, "我在研究所上班好几年了，兼职收入归谁所有？")
    assert of(found, "part", "从事示范活动") > of(found, "dense", "从事示范活动")
    assert of(found, "last", "从事示范活动") > of(found, "dense", "从事示范活动")
    assert of(found, "last", "从事示范活动") > of(found, "last", "示范场所")
    hashed = measured(assistant, "示范活动，由谁公开")
    assert hashed.column("part").tolist() == hashed.column("dense").tolist()


def test_ranks_fall(assistant: Assistant) -> None:
    ranks = measured(assistant, "示范活动由谁管").column("rank")
    assert ranks[0] == 1
    assert (np.diff(ranks) <= 0).all()
    assert ranks[-1] < 1
