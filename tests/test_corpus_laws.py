"""The parser against real laws: every article found, none invented."""

import io
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import numerals
from corpus.model import Document, Kind, Span
from corpus.outline import Outline
from corpus.parse import parse_outline
from corpus.passages import cut

LAWS = Path(__file__).parents[2] / "shared" / "benchmarks" / "laws.tar.xz"
CRIMINAL = "刑法/刑法.md"


@pytest.fixture(scope="module")
def laws() -> dict[str, str]:
    """民法典 in its files and 刑法, as Markdown."""
    if not LAWS.exists():
        pytest.skip(f"{LAWS} is not there")
    wanted = re.compile(r"(?:\./)?(民法典/[^_].*|刑法/刑法)\.md$")
    return dict(_read(wanted))


def _read(wanted: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    with tarfile.open(LAWS) as archive:
        for member in archive:
            content = archive.extractfile(member) if wanted.match(member.name) else None
            if content:
                with io.TextIOWrapper(content, encoding="utf-8") as lines:
                    yield member.name.removeprefix("./"), lines.read()


@pytest.fixture(scope="module")
def civil_code(laws: dict[str, str]) -> dict[str, Outline]:
    return {name: parse_outline(text) for name, text in laws.items() if name.startswith("民法典")}


@pytest.fixture(scope="module")
def criminal_law(laws: dict[str, str]) -> Outline:
    return parse_outline(laws[CRIMINAL])


def articles(outline: Outline) -> list[tuple[int, ...]]:
    return [path[-1].number for path in outline.walk() if path[-1].kind is Kind.ARTICLE]


def test_the_civil_code_has_its_1260_articles(civil_code: dict[str, Outline]) -> None:
    found = sorted(number for outline in civil_code.values() for number in articles(outline))
    assert found == [(number,) for number in range(1, 1261)]


def test_articles_stand_in_order_in_every_file(civil_code: dict[str, Outline]) -> None:
    for outline in civil_code.values():
        assert articles(outline) == sorted(articles(outline))


def test_subparts_hold_chapters_hold_sections(civil_code: dict[str, Outline]) -> None:
    outline = civil_code["民法典/物权编.md"]
    kinds = {
        tuple(clause.kind for clause in path if clause.kind.value != "标题")
        for path in outline.walk()
    }
    assert (Kind.SUBPART, Kind.CHAPTER, Kind.SECTION, Kind.ARTICLE) in kinds
    assert (Kind.ARTICLE,) not in kinds
    titles = [p[-1].title(outline.text) for p in outline.walk() if p[-1].kind is Kind.SUBPART]
    assert titles[:2] == ["第一分编 通则", "第二分编 所有权"]
    assert len(titles) == 5


def test_the_criminal_law_has_its_505_articles(criminal_law: Outline) -> None:
    found = articles(criminal_law)
    assert len(found) == len(set(found)) == 505
    assert found == sorted(found)
    assert {number[0] for number in found if len(number) == 1} == set(range(1, 453))
    inserted = {number for number in found if len(number) == 2}
    assert len(inserted) == 53
    assert {(120, 1), (120, 6), (133, 1), (133, 2), (291, 2), (299, 1)} <= inserted


def test_articles_agree_with_an_independent_count(laws: dict[str, str]) -> None:
    """Every 第X条 at a line's start with a space behind it is a clause, and nothing else is."""
    head = re.compile(
        r"^第([一二三四五六七八九十百千零]+)条(?:之([一二三四五六七八九十]+))?\s", re.MULTILINE
    )
    for text in laws.values():
        expected = [tuple(numerals.parse(n) for n in found if n) for found in head.findall(text)]
        assert articles(parse_outline(text)) == expected


def test_chapters_of_the_criminal_law(criminal_law: Outline) -> None:
    paths = [[clause.label for clause in path] for path in criminal_law.walk()]
    assert ["第二编", "第六章", "第九节", "第三百六十三条"] in [path[-4:] for path in paths]
    chapters = [path for path in paths if re.fullmatch(r"第.+章", path[-1])]
    assert len(chapters) == 15


@pytest.mark.parametrize(
    ("quote", "where"),
    [
        ("凡在中华人民共和国船舶或者航空器内犯罪的", ("第六条", 2, None)),
        ("醉酒驾驶机动车的；", ("第一百三十三条之一", 1, "（二）")),
    ],
)
def test_a_paragraph_and_an_item_of_an_article(
    criminal_law: Outline, quote: str, where: tuple[str, int, str | None]
) -> None:
    start = criminal_law.text.index(quote)
    found = criminal_law.locate(Span(start, start + len(quote)))
    assert (found.label, found.paragraph, found.item) == where


def test_annexes_are_no_part_of_the_last_article(criminal_law: Outline) -> None:
    last = next(p[-1] for p in criminal_law.walk() if p[-1].number == (452,))
    assert "附件" not in last.span.of(criminal_law.text)[-60:]
    assert [c.label for p in criminal_law.walk() for c in p[-1:] if c.kind is Kind.ANNEX] == [
        "附件一",
        "附件二",
    ]


def test_passages_of_a_whole_law_lie_in_one_article(laws: dict[str, str]) -> None:
    outline = parse_outline(laws[CRIMINAL])
    spans = [p[-1].span for p in outline.walk() if p[-1].kind is Kind.ARTICLE]
    passages = cut(Document("刑法", "刑法", laws[CRIMINAL]))
    for passage in passages:
        if passage.address.label.endswith("条") or "条之" in passage.address.label:
            assert sum(span.covers(passage.span) for span in spans) == 1
