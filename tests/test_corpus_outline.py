"""The clause tree: what stands where, in every numbering style."""

from itertools import pairwise

import pytest

from corpus.model import Clause, ClauseAddress, Kind, Span
from corpus.outline import Outline
from corpus.parse import parse_outline
from corpus.store import shipped_documents


def tree(text: str) -> list[str]:
    """Write every clause as the labels down to it."""
    return ["/".join(clause.label for clause in path) for path in parse_outline(text).walk()]


def rows(text: str) -> list[tuple[str, int, str | None, str]]:
    """Write every line as label, 款, item and text."""
    found = parse_outline(text)
    return [
        (line.address.label, line.address.paragraph, line.address.item, line.span.of(text))
        for line in found.lines
    ]


def titles(text: str) -> list[str]:
    return [path[-1].title(text) for path in parse_outline(text).walk()]


def locate(text: str, quote: str) -> ClauseAddress:
    start = text.index(quote)
    return parse_outline(text).locate(Span(start, start + len(quote)))


@pytest.fixture
def outline() -> Outline:
    documents = {document.id: document for document in shipped_documents()}
    return parse_outline(documents["shanghai-innovation-centre-2015"].text)


class TestTheFirstDocument:
    def test_22_clauses_in_5_chapters_behind_a_preamble(self, outline: Outline) -> None:
        chapters = [clause for clause in outline.clauses if clause.kind is Kind.CHINESE]
        clauses = [clause for chapter in chapters for clause in chapter.children]
        assert outline.clauses[0].label == "前言"
        assert [chapter.number for chapter in chapters] == [(n,) for n in range(1, 6)]
        assert [clause.number for clause in clauses] == [(n,) for n in range(1, 23)]
        assert {clause.kind for clause in clauses} == {Kind.CHINESE_BRACKETS}
        assert [len(chapter.children) for chapter in chapters] == [2, 5, 6, 5, 4]
        assert not any(clause.children for clause in clauses)

    def test_what_can_be_cited(self, outline: Outline) -> None:
        chapters = {"一、", "二、", "三、", "四、", "五、"}
        assert outline.labels() - chapters == {"前言"} | {
            clause.label for path in outline.walk() for clause in path[1:]
        }

    def test_headings_that_run_into_their_text(self, outline: Outline) -> None:
        text = outline.text
        where = locate(text, "缩短外籍高层次人才永久居留证申办周期")
        assert where == ClauseAddress(
            "（八）", ("三、建设创新创业人才高地", "（八）进一步引进海外高层次人才"), 1, None
        )
        eighth = next(p[-1] for p in outline.walk() if p[-1].label == "（八）")
        assert eighth.heading is not None
        assert eighth.heading.of(text) == "进一步引进海外高层次人才。"
        assert eighth.span.of(text).startswith("（八）进一步")

    def test_a_heading_with_a_comma_and_later_paragraphs(self, outline: Outline) -> None:
        assert "（二十）实施一批重大战略项目，布局一批重大基础工程" in titles(outline.text)
        where = locate(outline.text, "妥善解决各类人才住房")
        assert (where.label, where.paragraph) == ("（十二）", 4)

    def test_openings_of_chapters(self, outline: Outline) -> None:
        assert locate(outline.text, "创新驱动实质是人才驱动").label == "三、"
        assert locate(outline.text, "为全面落实中央关于上海").label == "前言"
        assert locate(outline.text, "三、建设创新创业人才高地").path == (
            "三、建设创新创业人才高地",
        )


def test_all_five_levels_of_an_official_document() -> None:
    text = "一、甲\n（一）乙。甲乙。\n1.丙。\n（1）丁；\n①戊；\n②己。\n（2）庚。\n2.辛。\n"
    text += "（二）壬。\n二、癸"
    assert tree(text) == [
        "一、",
        "一、/（一）",
        "一、/（一）/1.",
        "一、/（一）/1./（1）",
        "一、/（一）/1./（1）/①",
        "一、/（一）/1./（1）/②",
        "一、/（一）/1./（2）",
        "一、/（一）/2.",
        "一、/（二）",
        "二、",
    ]
    assert locate(text, "己").item == "1.（1）②"
    assert locate(text, "辛") == ClauseAddress("（一）", ("一、甲", "（一）乙"), 1, "2.")


def test_half_and_full_width_are_one_style() -> None:
    half = "一、甲\n(一)乙。\n1.丙。\n(1)丁。\n2.戊。\n(二)己。"
    full = "一、甲\n（一）乙。\n１．丙。\n（１）丁。\n２．戊。\n（二）己。"
    assert tree(half) == tree(full)
    assert tree(half)[-2:] == ["一、/（一）/2.", "一、/（二）"]


def test_guidelines_numbered_with_digits_only() -> None:
    text = "申报指南\n1.申报条件\n（1）甲；\n①乙；\n（2）丙。\n2.申报材料\n甲、乙。\n"
    text += "3、联系方式\n电话。"
    assert tree(text) == ["1.", "1./（1）", "1./（1）/①", "1./（2）", "2.", "3."]
    assert locate(text, "乙；") == ClauseAddress("1.", ("1.申报条件",), 1, "（1）①")
    assert locate(text, "电话").path == ("3.联系方式",)


def test_brackets_begin_anew_in_every_chapter() -> None:
    text = "一、甲\n（一）乙。丙。\n（二）丁。戊。\n二、己\n（一）庚。辛。\n（二）壬。癸。"
    assert tree(text)[3:] == ["二、", "二、/（一）", "二、/（二）"]
    assert locate(text, "辛").path == ("二、己", "（一）庚")


def test_digits_may_count_on_over_the_chapters() -> None:
    text = "二十条\n一、支持创新\n1.补助。\n2.奖励。\n二、支持人才\n3.补贴。\n4.住房。"
    assert tree(text)[-3:] == ["二、", "二、/3.", "二、/4."]


def test_one_missing_number_does_not_lose_the_rest() -> None:
    assert tree("一、甲\n1.乙。\n3.丙。\n4.丁。")[-2:] == ["一、/3.", "一、/4."]
    assert tree("三、甲\n乙。\n四、丙\n丁。") == ["三、", "四、"]


def test_a_digit_that_follows_nothing_is_text() -> None:
    text = "一、甲\n乙。\n3.丙。\n2015.丁。"
    assert tree(text) == ["一、"]
    assert [row[1] for row in rows(text)] == [1, 2, 3]


def test_headings_without_punctuation_and_their_paragraphs() -> None:
    text = "一、主要任务\n（一）加强培育\n　　支持企业。\n　　支持高校。\n"
    text += "（二）完善机制。\n　　甲，乙。"
    assert titles(text) == ["一、主要任务", "（一）加强培育", "（二）完善机制"]
    assert rows(text)[0] == ("（一）", 1, None, "支持企业。")
    assert rows(text)[1] == ("（一）", 2, None, "支持高校。")
    assert {line.address.path for line in parse_outline(text).lines[2:]} == {
        ("一、主要任务", "（二）完善机制")
    }


def test_long_or_composite_first_sentences_are_no_headings() -> None:
    long = "支持" * 30
    assert titles(f"一、{long}。其余。\n二、目标：甲。乙。\n三、甲；乙。") == [
        "一、",
        "二、",
        "三、",
    ]
    assert titles(f"一、{long[:41]}")[0] == f"一、{long[:41]}"
    assert titles(f"一、{long}甲乙") == ["一、"]


def test_a_clause_that_is_only_a_heading_is_quoted_by_it() -> None:
    assert rows("一、甲\n二、乙") == [("一、", 1, None, "甲"), ("二、", 1, None, "乙")]


def test_the_heading_of_an_item_is_not_lost() -> None:
    text = "一、甲\n（一）乙\n1.支持高校\n（1）丙。\n（2）丁。"
    assert ("（一）", 1, "1.", "支持高校") in rows(text)
    assert locate(text, "支持高校").item == "1."
    own_text = "一、甲\n（一）乙\n1.支持高校\n丙。\n2.丁。戊。"
    assert [row[2:] for row in rows(own_text)] == [
        ("1.", "支持高校"),
        ("1.", "丙。"),
        ("2.", "丁。戊。"),
    ]


PARTS = """某法
第一编 总则
第一章 一般规定
第一节 目的
第一条 为了甲。
　　国家乙。
第二条 有下列情形之一的，丙：
（一）丁；
　　1.戊；
　　2.己；
（二）庚。
　　前款规定的，辛。
第二条之一 壬。
第二章 规划与建设
第三条 癸。
第二编 分则
第一章 其他
第四条 子。
"""


def test_parts_chapters_sections_articles() -> None:
    assert tree(PARTS) == [
        "第一编",
        "第一编/第一章",
        "第一编/第一章/第一节",
        "第一编/第一章/第一节/第一条",
        "第一编/第一章/第一节/第二条",
        "第一编/第一章/第一节/第二条/（一）",
        "第一编/第一章/第一节/第二条/（一）/1.",
        "第一编/第一章/第一节/第二条/（一）/2.",
        "第一编/第一章/第一节/第二条/（二）",
        "第一编/第一章/第一节/第二条之一",
        "第一编/第二章",
        "第一编/第二章/第三条",
        "第二编",
        "第二编/第一章",
        "第二编/第一章/第四条",
    ]
    inserted = [p[-1].number for p in parse_outline(PARTS).walk() if "之" in p[-1].label]
    assert inserted == [(2, 1)]


def test_paragraphs_and_items_of_an_article() -> None:
    assert rows(PARTS)[:8] == [
        ("第一条", 1, None, "为了甲。"),
        ("第一条", 2, None, "国家乙。"),
        ("第二条", 1, None, "有下列情形之一的，丙："),
        ("第二条", 1, "（一）", "丁；"),
        ("第二条", 1, "（一）1.", "戊；"),
        ("第二条", 1, "（一）2.", "己；"),
        ("第二条", 1, "（二）", "庚。"),
        ("第二条", 2, None, "前款规定的，辛。"),
    ]


def test_locate_of_spans_within_and_across() -> None:
    assert locate(PARTS, "丁").item == "（一）"
    assert locate(PARTS, "有下列情形之一的，丙：\n（一）丁").item is None
    assert locate(PARTS, "有下列情形之一的，丙：\n（一）丁").paragraph == 1
    assert locate(PARTS, "第二条之一 壬").label == "第二条之一"
    assert locate(PARTS, "之一 壬").label == "第二条之一"
    assert locate(PARTS, "规划与建设").path == ("第一编 总则", "第二章 规划与建设")
    outline = parse_outline(PARTS)
    assert outline.locate(Span(0, 0)).label == "第一编"
    assert parse_outline("甲办法\n" + PARTS).locate(Span(0, 3)).label == "前言"
    assert outline.locate(Span(len(PARTS) + 9, len(PARTS) + 9)).label == "第四条"


def test_every_line_is_located_where_it_stands() -> None:
    for text in (PARTS, NOTICE):
        outline = parse_outline(text)
        for place in outline.places:
            assert outline.locate(place.span) == place.address


@pytest.mark.parametrize("before", ["", "　　", "  "])
@pytest.mark.parametrize(
    "sentence",
    [
        "第十条规定的情形，从其规定。",
        "第三条第二款所称企业，是指甲。",
        "第三条、第四条的规定，适用于乙。",
        "第三条所列情形除外。",
        "第三条（一）项规定的，除外。",
        "第三条至第五条规定的期限，按日计算。",
    ],
)
def test_a_sentence_about_an_article_is_a_paragraph(before: str, sentence: str) -> None:
    for gap in (" ", ""):
        text = f"第一条{gap}甲为了。\n第二条{gap}乙应当。\n{before}{sentence}\n第三条{gap}丙可以。"
        assert tree(text) == ["第一条", "第二条", "第三条"]
        assert rows(text)[2] == ("第二条", 2, None, sentence)


def test_articles_whose_number_runs_into_the_text() -> None:
    text = (
        "第一条为了甲。\n第二条中华人民共和国境内。\n第三条以营利为目的的，\n第四条第三方机构。\n"
        "第五条（一）项目申报。\n第七条缺了一条。\n第八条规划期限为五年。"
    )
    assert tree(text)[:4] == ["第一条", "第二条", "第三条", "第四条"]
    assert tree(text)[-2:] == ["第七条", "第八条"]


def test_arabic_articles_with_points() -> None:
    text = "第1条 甲。\n第2条 适用于：\n1、乙；\n2、丙。\n第2款的规定除外。\n第３条 丁。"
    assert tree(text) == ["第1条", "第2条", "第2条/1.", "第2条/2.", "第3条"]
    assert rows(text)[-2:] == [("第2条", 2, None, "第2款的规定除外。"), ("第3条", 1, None, "丁。")]


@pytest.mark.parametrize(
    ("line", "title", "first"),
    [
        ("第一条【目的】为了甲。", "第一条 目的", "为了甲。"),
        ("第一条 【目的】 为了甲。", "第一条 目的", "为了甲。"),
        ("第一条［目的］为了甲。", "第一条 目的", "为了甲。"),
        ("第一条（目的）\n　　为了甲。", "第一条 目的", "为了甲。"),
        ("第一条 目的\n　　为了甲。", "第一条 目的", "为了甲。"),
        ("第一条：为了甲。", "第一条", "为了甲。"),
        ("第一条\n　　为了甲。", "第一条", "为了甲。"),
        ("**第一条**　为了甲。", "第一条", "为了甲。"),
        ("第一条 （以下简称甲）是指乙。", "第一条", "（以下简称甲）是指乙。"),
        ("第一条 为了甲，乙\n丙。", "第一条", "为了甲，乙"),
    ],
)
def test_headings_of_articles(line: str, title: str, first: str) -> None:
    text = f"{line}\n第二条 丁。"
    assert titles(text) == [title, "第二条"]
    assert rows(text)[0] == ("第一条", 1, None, first)


def test_the_heading_of_an_article_can_be_located() -> None:
    text = "第一条 目的\n　　为了甲。\n　　乙。"
    assert locate(text, "目的") == ClauseAddress("第一条", ("第一条 目的",), 1, None)
    assert locate(text, "乙。").paragraph == 2


def test_articles_under_headings_of_a_judicial_interpretation() -> None:
    text = "规定\n为了甲，制定本规定。\n一、关于范围\n第一条 甲。\n（一）乙；\n（二）丙。\n"
    text += "第二条 丁。\n二、关于保证\n第三条 戊。"
    assert tree(text) == [
        "前言",
        "一、",
        "一、/第一条",
        "一、/第一条/（一）",
        "一、/第一条/（二）",
        "一、/第二条",
        "二、",
        "二、/第三条",
    ]
    assert locate(text, "戊") == ClauseAddress("第三条", ("二、关于保证", "第三条"), 1, None)


def test_articles_behind_a_clause_with_points_are_not_part_of_it() -> None:
    text = "一、印发办法\n（一）认真执行。做好工作。\n某办法\n第一条 甲。"
    assert tree(text) == ["一、", "一、/（一）", "第一条"]


BODY = "第一章 总则\n\n第一条 甲。\n\n第二章 附则\n\n第二条 乙。\n"
CONTENTS = f"某法\n\n目　　录\n\n第一章　总则\n第二章　附则\n\n{BODY}"


@pytest.mark.parametrize(
    "text",
    [
        CONTENTS,
        f"某法\n\n## 目录\n\n第一章 总则…………1\n第二章 附则 …… 12\n{BODY}",
    ],
)
def test_a_table_of_contents_is_dropped(text: str) -> None:
    assert tree(text) == ["第一章", "第一章/第一条", "第二章", "第二章/第二条"]


def test_a_table_of_contents_may_begin_without_a_number() -> None:
    text = "某法\n目录\n序言……1\n第一章 总则……2\n序　言\n很久以前。\n第一章 总则\n第一条 甲。"
    assert tree(text) == ["前言", "第一章", "第一章/第一条"]
    assert rows(text)[1] == ("前言", 2, None, "很久以前。")
    markdown = "# 手册\n## 目录\n- 甲\n- 乙\n## 甲\n一。\n## 乙\n二。"
    assert tree(markdown) == ["甲", "乙"]
    headings = "# 手册\n# 目录\n## 甲\n## 乙\n# 甲\n一。\n# 乙\n二。"
    assert tree(headings) == ["甲", "乙"]


@pytest.mark.parametrize(
    "text", ["目录", "甲乙\n目录", "目录\n甲。\n乙。", "目录\n一、甲。\n二、乙。", "甲\n目录\n乙"]
)
def test_a_table_of_contents_of_nothing_is_text(text: str) -> None:
    found = parse_outline(text)
    assert "目录" in (found.title, rows(text)[0][3])
    assert len(found.lines) == text.count("\n") + (not found.title)


NOTICE = """某市人民政府关于印发若干政策的通知
某政函〔2023〕1号
各区、县（市）人民政府：
　　现将《若干政策》印发给你们，请认真贯彻执行。
　　附件：1. 任务清单
　　　　　2. 责任分工
一、总体要求
坚持创新。
二、主要任务
（一）加强培育
支持企业。
附件1
任务清单
一、清单甲
1.甲。
二、清单乙
附件2：
第一条为了乙。
第二条为了丙。
"""


def test_a_notice_with_annexes() -> None:
    assert parse_outline(NOTICE).title == "某市人民政府关于印发若干政策的通知"
    assert tree(NOTICE) == [
        "前言",
        "一、",
        "二、",
        "二、/（一）",
        "附件1",
        "附件1/一、",
        "附件1/一、/1.",
        "附件1/二、",
        "附件2",
        "附件2/第一条",
        "附件2/第二条",
    ]
    assert locate(NOTICE, "责任分工").label == "前言"
    assert locate(NOTICE, "任务清单\n一、").label == "附件1"
    assert locate(NOTICE, "为了丙").path == ("附件2", "第二条")


def test_an_annex_in_a_file_of_its_own() -> None:
    outline = parse_outline("附件1\n任务清单\n一、甲\n乙。")
    assert outline.title == "任务清单"
    assert [clause.label for clause in outline.clauses] == ["一、"]


MARKDOWN = """---
title: 某政策
---
# 某政策
<!-- 第一条 这不是正文
一、也不是 -->
## 背景
文字。
## **一、总体要求**
文字二。
### 细则
- （一）甲。
***
## 附则
**自发布之日起施行。**
"""


def test_markdown_headings_front_matter_and_comments() -> None:
    outline = parse_outline(MARKDOWN)
    assert outline.title == "某政策"
    assert tree(MARKDOWN) == ["背景", "一、", "一、/细则", "一、/细则/（一）", "附则"]
    assert rows(MARKDOWN) == [
        ("背景", 1, None, "文字。"),
        ("一、", 1, None, "文字二。"),
        ("（一）", 1, None, "甲。"),
        ("附则", 1, None, "自发布之日起施行。"),
    ]
    assert locate(MARKDOWN, "甲。").path == ("一、总体要求", "细则", "（一）")


def test_rules_and_signs_are_no_paragraphs() -> None:
    text = "---\n第一条 甲。\n---\n* * *\n……\n乙。\n---\n第二条 丙。"
    assert [row[:2] for row in rows(text)] == [("第一条", 1), ("第一条", 2), ("第二条", 1)]


def test_a_comment_that_never_ends_hides_the_rest() -> None:
    assert rows("一、甲\n乙。\n<!-- 丙。\n二、丁") == [("一、", 1, None, "乙。")]


@pytest.mark.parametrize("line_end", ["\r\n", "\r", "\n\n", "\n　\n"])
def test_line_ends_do_not_matter(line_end: str) -> None:
    text = PARTS.replace("\n", line_end)
    assert tree(text) == tree(PARTS)
    assert rows(text) == rows(PARTS)


def test_a_byte_order_mark_is_no_text() -> None:
    assert tree("\ufeff一、甲\n乙。") == ["一、"]
    assert rows("\ufeff" + PARTS) == rows(PARTS)
    assert parse_outline("\ufeff" + PARTS).title == "某法"
    assert rows("\ufeff---\na: b\n---\n甲。\n乙。")[0][3] == "甲。"


@pytest.mark.parametrize(
    "text", ["甲。\n\n乙。", "甲。", "甲", "题目\n甲。\n3.乙。", "甲。\n一、二级医院乙。"]
)
def test_text_without_numbers_is_the_body(text: str) -> None:
    outline = parse_outline(text)
    assert outline.labels() == {"正文"}
    assert [clause.label for clause in outline.clauses] == ["正文"]
    assert {line.address.path for line in outline.lines} == {("正文",)}
    assert [line.address.paragraph for line in outline.lines] == list(
        range(1, len(outline.lines) + 1)
    )


def test_no_text_has_no_address() -> None:
    for text in ("", "\n \r\n", "---", "<!-- 甲 -->"):
        outline = parse_outline(text)
        assert (outline.clauses, outline.lines, tree(text)) == ((), (), [])
        with pytest.raises(ValueError, match="without lines"):
            outline.locate(Span(0, 0))


def test_a_title_is_a_short_line_that_ends_no_sentence() -> None:
    assert parse_outline("某办法\n第一条 甲。").title == "某办法"
    assert parse_outline("各区：\n第一条 甲。").title == ""
    assert parse_outline("甲" * 81 + "\n第一条 乙。").title == ""
    assert parse_outline("# 某“办法”：甲\n第一条 乙。").title == "某“办法”：甲"
    assert parse_outline("第一条 甲。\n第二条 乙。").title == ""


@pytest.mark.parametrize("text", [PARTS, NOTICE, MARKDOWN, CONTENTS])
def test_spans_of_clauses_nest_and_follow_each_other(text: str) -> None:
    def check(clauses: tuple[Clause, ...], within: Span) -> None:
        for clause, following in pairwise(clauses):
            assert clause.span.end <= following.span.start
        for clause in clauses:
            assert within.covers(clause.span)
            assert clause.heading is None or clause.span.covers(clause.heading)
            check(clause.children, clause.span)

    outline = parse_outline(text)
    check(outline.clauses, Span(0, len(text)))
    for line in outline.lines:
        assert sum(clause.span.covers(line.span) for clause in outline.clauses) == 1


def test_a_span_knows_its_bounds() -> None:
    assert len(Span(2, 5)) == 3
    assert Span(2, 5).of("abcdefg") == "cde"
    assert Span(2, 5).covers(Span(3, 5))
    assert not Span(2, 5).covers(Span(3, 6))
    for start, end in ((-1, 2), (3, 2)):
        with pytest.raises(ValueError, match="not a span"):
            Span(start, end)


def test_anchors_are_short_where_labels_are_unique() -> None:
    outline = parse_outline(PARTS)
    assert [outline.anchor(line.address) for line in outline.lines[:3]] == [
        "第一条",
        "第一条-2",
        "第二条",
    ]


def test_anchors_of_labels_that_begin_anew_name_the_chapter() -> None:
    outline = parse_outline(
        "一、甲\n（一）乙。丙。\n丁。\n二、戊\n（一）己。庚。\n附件1\n一、辛。壬。"
    )
    assert [outline.anchor(line.address) for line in outline.lines] == [
        "一-（一）",
        "一-（一）-2",
        "二-（一）",
        "附件1-一、",
    ]


LISTED = """第一条 有下列情形之一的，处罚款：
（一）迟报；
（二）不报。
情节轻的，从轻。
第二条 两项：甲。
（一）乙。
"""


def test_what_introduces_a_list() -> None:
    outline = parse_outline(LISTED)
    lead = outline.lead_in(Span(LISTED.index("不报"), LISTED.index("不报") + 2))
    assert lead
    assert lead.of(LISTED) == "有下列情形之一的，处罚款："


@pytest.mark.parametrize("inside", ["有下列", "情节轻", "乙。"])
def test_nothing_introduces_what_is_no_item_or_follows_no_colon(inside: str) -> None:
    start = LISTED.index(inside)
    assert parse_outline(LISTED).lead_in(Span(start, start + 1)) is None


def test_the_first_row_of_a_table_introduces_the_others() -> None:
    text = "一、上限\n| 部门 | 上限 |\n|---|---|\n| 研发部 | 36小时 |\n完。\n"
    outline = parse_outline(text)

    def lead(inside: str) -> str | None:
        span = outline.lead_in(Span(text.index(inside), text.index(inside) + 2))
        return span.of(text) if span else None

    assert lead("研发部") == "| 部门 | 上限 |"
    assert lead("部门") is None
    assert lead("完。") is None
