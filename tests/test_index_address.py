"""Clause lookup by number."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Document, Span
from corpus.store import Library, shipped_documents
from index.address import Level, Lookup, Place, Reference, find_references, look_up
from index.tokens import fold


def names(question: str) -> list[str]:
    return [reference.name for reference in find_references(question)]


def found(lookup: Lookup | None, library: Library) -> list[str]:
    """Documents, labels and texts of what a question led to, for reading."""
    assert lookup is not None
    return [describe(place, library.get(place.document_id)) for place in lookup.places]


def describe(place: Place, document: Document) -> str:
    texts = "|".join(span.of(document.text) for span in place.spans)
    return f"{place.document_id} {place.clause.label} {texts}"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第八条讲什么", ["第八条"]),
        ("第八條講什麼", ["第八条"]),
        ("第８条", ["第八条"]),
        ("第 8 条", ["第八条"]),
        ("（九）", ["（九）"]),
        ("(9)说了什么", ["（九）"]),
        ("㈨", ["（九）"]),
        ("三、（九）", ["第三部分", "（九）"]),
        ("（二）第1点", ["（二）第1点"]),
        ("（二）1", ["（二）第1点"]),
        ("（二）第（3）项说什么", ["（二）第3点"]),
        ("（二）3年", ["（二）"]),
        ("第（九）条", ["（九）"]),
        ("第九点", ["（九）"]),
        ("第三部分有哪些条款", ["第三部分"]),
        ("第三大部分", ["第三部分"]),
        ("第三大点", ["第三部分"]),
        ("第三章", ["第三章"]),
        ("第二节", ["第二节"]),
        ("第一编", ["第一编"]),
        ("第一分编", ["第一分编"]),
        ("第120条之一第二款", ["第一百二十条之一第二款"]),
        ("第一百二十条之1", ["第一百二十条之一"]),
        ("第十二条第二款第（三）项", ["第十二条第二款第（三）项"]),
        ("第十二条的第二款的第三项", ["第十二条第二款第（三）项"]),
        ("Article 8", ["第八条"]),
        ("what do articles (8) and clause no. 9 say", ["第八条", "第九条"]),
        ("Chapter 3, section 2, part 1", ["第三章", "第二部分", "第一部分"]),
        ("第三部分第（九）条", ["第三部分", "（九）"]),
        ("第八条和第九条有什么不同", ["第八条", "第九条"]),
        ("第2015条", ["第二千零一十五条"]),
    ],
)
def test_numbers_are_found_in_any_writing(question: str, expected: list[str]) -> None:
    assert names(question) == expected


@pytest.mark.parametrize(
    "question",
    [
        "",
        "第一次申请要什么",
        "科创22条是什么",
        "22条",
        "第三方机构怎么管理",
        "第二天能拿到吗",
        "第一条件是什么",
        "第一条例外",
        "第一节课几点",
        "第二编制办公室",
        "第2十条",
        "第十2条",
        "第99999999999999条",
        "第" + "9" * 5000 + "条",
        "沪委发（2015）7号",
        "Article 12345",
        "particle 8",
        "2015年11月",
        "条第八",
    ],
)
def test_what_is_no_clause_number(question: str) -> None:
    assert find_references(question) == ()


@given(st.lists(st.sampled_from("第（）()条章部分款项点之的〇一二十百千万2 015《》法、和Article ")))
def test_no_mixture_of_number_words_is_a_fault(pieces: list[str]) -> None:
    question = "".join(pieces)
    text = fold(question)
    end = 0
    for reference in find_references(question):
        assert reference.name
        assert end <= reference.span.start < reference.span.end <= len(text)
        end = reference.span.end


@given(st.integers(1, 1260))
def test_every_article_number_is_read_back(number: int) -> None:
    (reference,) = find_references(f"第{number}条")
    assert reference.number == (number,)
    assert names(f"见{reference.name}的规定") == [reference.name]


def test_a_reference_says_where_it_stands() -> None:
    (reference,) = find_references("请问第８條第二款？")
    assert reference == Reference(Level.ARTICLE, (8,), Span(2, 8), paragraph=2)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第五条", ["policy （五） 引进海外人才。居住证（B证）有效期限最高延长到10年。"]),
        ("（五）", ["policy （五） 引进海外人才。居住证（B证）有效期限最高延长到10年。"]),
        ("(5)", ["policy （五） 引进海外人才。居住证（B证）有效期限最高延长到10年。"]),
        ("Article 4", ["policy （四） 改革财政科技资金管理。建立统一的信息平台。"]),
        ("第六条第二项", ["policy （六） 职务发明应当奖励。"]),
        (
            "第三部分第（五）条",
            ["policy （五） 引进海外人才。居住证（B证）有效期限最高延长到10年。"],
        ),
    ],
)
def test_clauses_of_a_text_with_chinese_numbers(
    policy: Document, question: str, expected: list[str]
) -> None:
    library = Library([policy])
    lookup = look_up(question, library)
    assert found(lookup, library) == expected
    assert lookup is not None
    assert lookup.missing == ()


@pytest.mark.parametrize("question", ["第三部分有哪些条款", "第三章讲什么", "part 3", "第三大点"])
def test_a_chapter_stands_for_all_its_lines(policy: Document, question: str) -> None:
    lookup = look_up(question, Library([policy]))
    assert lookup is not None
    (place,) = lookup.places
    assert place.clause.label == "三、"
    assert [child.label for child in place.clause.children] == ["（五）", "（六）"]
    assert len(place.spans) == 5


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("第二条第二款", ["law 第二条 示范活动应当公开。"]),
        ("第三条第一款第（二）项", ["law 第三条 有固定的场所；"]),
        ("第三条第二款", ["law 第三条 经费不足的，可以申请补助。"]),
        ("第三条之一第二款", ["law 第三条之一 违反前款规定的，退还所收费用。"]),
        (
            "第一编第一章",
            ["law 第一章 为了示范，制定本法。|本法适用于一切示范活动。|示范活动应当公开。"],
        ),
        ("第二编", ["law 第二编 违反本法的，处一万元以下罚款。"]),
        ("第二部分", ["law 第二编 违反本法的，处一万元以下罚款。"]),
    ],
)
def test_clauses_of_a_law(law: Document, question: str, expected: list[str]) -> None:
    library = Library([law])
    assert found(look_up(question, library), library) == expected


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("第三十条", "第三十条"),
        ("第三条第九款", "第三条第九款"),
        ("第三条第（八）项", "第三条第（八）项"),
        ("第三条之二", "第三条之二"),
        ("第〇条", "第零条"),
        ("第九章", "第九章"),
    ],
)
def test_a_number_beyond_the_numbering_is_missing(
    law: Document, question: str, missing: str
) -> None:
    lookup = look_up(question, Library([law]))
    assert lookup is not None
    assert lookup.places == ()
    assert [reference.name for reference in lookup.missing] == [missing]


def test_one_of_two_numbers_may_be_missing(policy: Document) -> None:
    lookup = look_up("第五条和第五十条", Library([policy]))
    assert lookup is not None
    assert [place.clause.label for place in lookup.places] == ["（五）"]
    assert [reference.name for reference in lookup.missing] == ["第五十条"]


@pytest.mark.parametrize(
    "question", ["居住证有效期几年", "第三方", "第二节说什么", "第一分编", "（三）"]
)
def test_a_level_that_no_document_has_is_no_lookup(law: Document, question: str) -> None:
    assert look_up(question, Library([law])) is None


def test_the_remainder_is_the_question_without_its_numbers(policy: Document) -> None:
    lookup = look_up("第三部分第（五）条里居住證怎么说", Library([policy]))
    assert lookup is not None
    assert lookup.remainder.split() == ["里居住证怎么说"]


@pytest.mark.parametrize(
    "question",
    [
        "《专利法》第十条",
        "《专利法》里的第五条",
        "《专利法》（2020修正）第五条",
        "劳动合同法第三条",
        "中华人民共和国劳动合同法第三条规定了什么",
        "《专利法》第五条、第六条",
        "《专利法》第五条第一款和第六条第二款",
        "《民法典》第三编第五章",
        "《专利法》第（五）项",
        "《专利法》第三章",
    ],
)
def test_clauses_of_another_law_are_missing(policy: Document, law: Document, question: str) -> None:
    lookup = look_up(question, Library([policy, law]))
    assert lookup is not None
    assert lookup.places == ()
    assert lookup.missing == lookup.references


@pytest.mark.parametrize(
    "question", ["本法第四条", "按照该法第四条", "这部法第四条", "依照本条例第四条", "法第四条"]
)
def test_this_law_is_no_other(law: Document, question: str) -> None:
    library = Library([law])
    assert found(look_up(question, library), library) == [
        "law 第四条 违反本法的，处一万元以下罚款。"
    ]


def documents_of(lookup: Lookup | None) -> set[str]:
    assert lookup is not None
    return {place.document_id for place in lookup.places}


@pytest.mark.parametrize(
    ("question", "documents"),
    [
        ("第四条", {"policy", "law"}),
        ("《中华人民共和国示范法》第四条", {"law"}),
        ("《示范法》第四条", {"law"}),
        ("中华人民共和国示范法第四条", {"law"}),
        ("示范法第四条", {"law"}),
        ("请问示范法第四条", {"law"}),
        ("《示范法（2018修正）》第四条", {"law"}),
        ("《意见》第四条", {"policy"}),
        ("《创新九条》第四条", {"policy"}),
        ("创新九条的第四条", {"policy"}),
        ("《范法》第四条", set()),
        ("旧示范法第四条", set()),
        ("《示范法实施条例》第四条", set()),
    ],
)
def test_the_document_named_is_the_one_searched(
    policy: Document, law: Document, question: str, documents: set[str]
) -> None:
    assert documents_of(look_up(question, Library([policy, law]))) == documents


def test_a_law_is_not_the_one_whose_name_ends_or_begins_alike(law: Document) -> None:
    labour = Document("labour", "中华人民共和国劳动示范法", law.text)
    rules = Document("rules", "示范法实施条例", law.text)
    every = Library([labour, law, rules])
    assert documents_of(look_up("示范法第四条", every)) == {"law"}
    assert documents_of(look_up("《劳动示范法》第四条", every)) == {"labour"}
    assert documents_of(look_up("示范法第四条", Library([labour, rules]))) == set()
    assert documents_of(look_up("劳动示范法第四条", Library([law]))) == set()


def test_a_title_with_its_edition_is_still_the_law(law: Document) -> None:
    edition = Document("law", "中华人民共和国示范法（2018年修正）", law.text)
    assert documents_of(look_up("示范法第四条", Library([edition]))) == {"law"}


def test_only_the_chosen_documents_are_searched(policy: Document, law: Document) -> None:
    library = Library([policy, law])
    assert documents_of(look_up("第四条", library, ["law"])) == {"law"}
    assert look_up("第（四）条", library, ["law"]) is None


def test_numbers_that_begin_anew_are_told_apart_by_their_chapter() -> None:
    text = "一、甲\n（一）甲一。\n（二）甲二。\n二、乙\n（一）乙一。\n（二）乙二。\n"
    library = Library([Document("d", "题", text)])
    assert found(look_up("（二）", library), library) == ["d （二） 甲二。", "d （二） 乙二。"]
    assert found(look_up("第二部分第（二）条", library), library) == ["d （二） 乙二。"]


def test_a_clause_beside_a_chapters_clause_is_kept(policy: Document) -> None:
    library = Library([policy])
    lookup = look_up("第三部分第（五）条和第一条", library)
    assert lookup is not None
    assert [place.clause.label for place in lookup.places] == ["（五）", "（一）"]


def test_subparts_are_no_chapters() -> None:
    text = "第一编 甲\n第一分编 乙\n第一章 丙\n第一条 丁。\n第二分编 戊\n第二章 己\n第二条 庚。\n"
    library = Library([Document("d", "题", text)])
    assert found(look_up("第二分编", library), library) == ["d 第二分编 庚。"]


def test_an_item_with_parts_is_the_whole_item() -> None:
    text = "第一条 有下列情形的：\n（一）甲：\n1.子；\n2.丑。\n（二）乙。\n第二条 丙。\n"
    library = Library([Document("d", "题", text)])
    assert found(look_up("第一条第一项", library), library) == ["d 第一条 甲：|子；|丑。"]


def test_the_shipped_document_has_twenty_two_articles() -> None:
    library = Library(shipped_documents())
    for number in range(1, 23):
        lookup = look_up(f"第{number}条", library)
        assert lookup is not None
        assert [place.clause.number for place in lookup.places] == [(number,)]
    for number in (23, 30):
        lookup = look_up(f"第{number}条", library)
        assert lookup is not None
        assert (lookup.places, len(lookup.missing)) == ((), 1)


def test_a_repeated_number_is_looked_up_once(policy: Document) -> None:
    lookup = look_up("第四条、第五十条；第四条、第五十条", Library([policy]))
    assert lookup is not None
    assert [place.clause.label for place in lookup.places] == ["（四）"]
    assert [reference.name for reference in lookup.missing] == ["第五十条"]
    assert len(lookup.references) == 4
    assert "第" not in lookup.remainder


def test_the_longest_question_of_numbers_is_read_in_time(policy: Document) -> None:
    began = time.process_time()
    look_up("第一条" * 3_300, Library([policy]))
    assert time.process_time() - began < 3
