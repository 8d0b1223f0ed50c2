"""Searcher: the one public face."""

from pathlib import Path

import numpy as np
import pytest
from fakes import CountingEncoder

from corpus.errors import UnknownDocument
from corpus.model import Document
from index.build import build
from index.published import load
from index.search import Hit, Searcher
from index.tokens import terms


@pytest.fixture
def searcher(target: Path, policy: Document, law: Document, encoder: CountingEncoder) -> Searcher:
    build([policy, law], encoder, target)
    return Searcher(load(target, encoder), encoder)


def labels(hits: list[Hit]) -> list[str]:
    return [hit.passage.address.label for hit in hits]


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("居住证有效期限最长几年", "（五）"),
        ("居住證有效期限最長幾年", "（五）"),
        ("收益归属团队不低于多少", "（六）"),
        ("怎么处罚罚款", "第四条"),
        ("收取费用怎么退还", "第三条之一"),
    ],
)
def test_the_clause_that_answers_comes_first(searcher: Searcher, question: str, label: str) -> None:
    assert labels(searcher.search(question))[0] == label


def test_hits_are_ranked_best_first_and_distinct(searcher: Searcher) -> None:
    hits = searcher.search("创新中心的人才", k=50)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.number for hit in hits}) == len(hits)
    for hit in hits:
        assert -1.001 <= hit.dense <= 1.001
        assert hit.lexical >= 0
        text = searcher.library.get(hit.passage.document_id).text
        assert hit.passage.span.of(text) == hit.passage.text


@pytest.mark.parametrize(("k", "count"), [(1, 1), (3, 3), (0, 0), (-1, 0)])
def test_k_is_the_most_that_comes_back(searcher: Searcher, k: int, count: int) -> None:
    assert len(searcher.search("人才", k)) == count


def test_more_than_there_is_gives_all_there_is(searcher: Searcher) -> None:
    everything = searcher.search("人才", k=1000)
    assert searcher.search("人才", k=len(everything)) == everything
    assert searcher.search("人才", k=3) == everything[:3]


@pytest.mark.parametrize("question", ["", "，。？", "zzz", "\ud800", "\x00", "人" * 10_000])
def test_odd_questions_are_answered(searcher: Searcher, question: str) -> None:
    hits = searcher.search(question)
    assert len(hits) == 8
    assert all(hit.score == hit.score for hit in hits)  # no NaN


def test_documents_limit_the_search(searcher: Searcher) -> None:
    hits = searcher.search("居住证有效期限", k=100, documents=["law"])
    assert {hit.passage.document_id for hit in hits} == {"law"}
    both = searcher.search("居住证有效期限", k=100, documents=["policy", "law"])
    assert both == searcher.search("居住证有效期限", k=100)
    assert searcher.search("居住证有效期限", documents=[]) == []


def test_an_unknown_document_is_an_error(searcher: Searcher) -> None:
    with pytest.raises(UnknownDocument, match=r"nowhere.*policy、law"):
        searcher.search("人才", documents=["law", "nowhere"])


def test_places_limit_the_search_to_their_lines(searcher: Searcher) -> None:
    lookup = searcher.look_up("第三部分", ["policy"])
    assert lookup is not None
    hits = searcher.search("创新", k=100, places=lookup.places)
    assert sorted(set(labels(hits))) == sorted(["三、", "（五）", "（六）"])


def test_a_paragraph_as_place_leaves_the_others_out(searcher: Searcher) -> None:
    lookup = searcher.look_up("示范法第三条之一第二款")
    assert lookup is not None
    (hit,) = searcher.search("收费", places=lookup.places)
    assert hit.passage.text == "违反前款规定的，退还所收费用。"
    assert searcher.search("收费", documents=["policy"], places=lookup.places) == []


def test_numbers_are_looked_up_in_the_chosen_documents(searcher: Searcher) -> None:
    lookup = searcher.look_up("第四条")
    assert lookup is not None
    assert [place.document_id for place in lookup.places] == ["policy", "law"]
    lookup = searcher.look_up("第四条", ["law"])
    assert lookup is not None
    assert [place.clause.label for place in lookup.places] == ["第四条"]


def test_sentences_come_with_their_cosines(searcher: Searcher, encoder: CountingEncoder) -> None:
    question = "有效期限最高几年"
    hits = searcher.search(question, k=3)
    found = searcher.sentences(question, hits)
    assert list(dict.fromkeys(s.hit.rank for s in found)) == [1, 2, 3]
    query = encoder.encode_query([question])[0]
    for sentence in found:
        text = searcher.library.get(sentence.hit.passage.document_id).text
        assert sentence.text == sentence.span.of(text)
        assert sentence.hit.passage.span.covers(sentence.span)
        cosine = float(encoder.encode_query([sentence.text])[0] @ query)
        assert sentence.dense == pytest.approx(cosine, abs=1e-5)
    assert searcher.sentences(question, []) == []


def test_terms_and_their_weight(searcher: Searcher) -> None:
    (hit,) = searcher.search("居住证有效期限最长几年", k=1)
    assert {"居住", "10", "高地"} <= searcher.terms_of(hit)
    assert searcher.terms_of(hit) >= set(terms(hit.passage.text))
    assert searcher.knows("居住")
    assert not searcher.knows("量子")
    assert searcher.rarity("居住") > searcher.rarity("创新") > 0


def test_the_encoder_is_named(searcher: Searcher) -> None:
    assert searcher.encoder_id == "hash-64"


def test_among_many_passages_the_right_one_is_found(
    tmp_path: Path, encoder: CountingEncoder
) -> None:
    """More passages than candidates are taken from either side."""
    lines = [f"第{number}条 编号{number * 7919}的事项。" for number in range(1, 801)]
    build([Document("d", "题", "\n".join(lines))], encoder, tmp_path / "many")
    searcher = Searcher(load(tmp_path / "many", encoder), encoder)
    for number in (1, 400, 800):
        hits = searcher.search(f"编号{number * 7919}是什么", k=700)
        assert labels(hits)[0] == f"第{number}条"
        assert 300 <= len(hits) <= 600
    assert len(searcher.search("编号", k=700, documents=["d"])) >= 300


def test_topicality_is_the_mean_cosine_with_all_that_can_be_found(
    target: Path, policy: Document, encoder: CountingEncoder
) -> None:
    build([policy], encoder, target)
    published = load(target, encoder)
    searcher = Searcher(published, encoder)
    assert searcher.passages == len(published.passages)
    query = encoder.encode_query(["创新人才"])[0]
    rows = [published.dense.rows(number) for number in range(searcher.passages)]
    every_mean = float((np.concatenate(rows) @ query).mean())
    assert searcher.topicality("创新人才") == pytest.approx(every_mean, abs=1e-5)
    assert searcher.topicality("zzz") < searcher.topicality("创新人才")
    assert searcher.topicality("") == 0


def test_likeness_is_the_highest_cosine(searcher: Searcher, encoder: CountingEncoder) -> None:
    others = ("今天天气如何", "创新人才", "")
    assert searcher.likeness("创新人才", others) == pytest.approx(1, abs=1e-5)
    cosine = float(encoder.encode_query([others[0]])[0] @ encoder.encode_query(["天气"])[0])
    assert searcher.likeness("天气", others) == pytest.approx(cosine, abs=1e-5)
