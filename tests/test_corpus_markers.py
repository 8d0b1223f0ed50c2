"""The number a line begins with, and the lines that begin with none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.markers import content_start, read_marker
from corpus.model import Kind


@pytest.mark.parametrize(
    ("line", "kind", "label", "number", "rest"),
    [
        ("一、总体要求", Kind.CHINESE, "一、", (1,), "总体要求"),
        ("　　二十一、附则", Kind.CHINESE, "二十一、", (21,), "附则"),
        ("一．总体要求", Kind.CHINESE, "一、", (1,), "总体要求"),
        ("二 、主要任务", Kind.CHINESE, "二、", (2,), "主要任务"),
        ("（八）引进", Kind.CHINESE_BRACKETS, "（八）", (8,), "引进"),
        ("(八)引进", Kind.CHINESE_BRACKETS, "（八）", (8,), "引进"),
        ("（ 二十二 ）制定", Kind.CHINESE_BRACKETS, "（二十二）", (22,), "制定"),
        ("㈢引进", Kind.CHINESE_BRACKETS, "（三）", (3,), "引进"),
        ("1.支持", Kind.ARABIC, "1.", (1,), "支持"),
        ("１２．支持", Kind.ARABIC, "12.", (12,), "支持"),
        ("3、支持", Kind.ARABIC, "3.", (3,), "支持"),
        (r"2\. 支持", Kind.ARABIC, "2.", (2,), " 支持"),
        ("⒉支持", Kind.ARABIC, "2.", (2,), "支持"),
        ("（1）甲", Kind.ARABIC_BRACKETS, "（1）", (1,), "甲"),
        ("(１２) 甲", Kind.ARABIC_BRACKETS, "（12）", (12,), " 甲"),
        ("⑷甲", Kind.ARABIC_BRACKETS, "（4）", (4,), "甲"),
        ("①甲", Kind.CIRCLED, "①", (1,), "甲"),
        ("⑳甲", Kind.CIRCLED, "⑳", (20,), "甲"),
        ("第一编 总则", Kind.PART, "第一编", (1,), " 总则"),
        ("第一部分 总则", Kind.PART, "第一部分", (1,), " 总则"),
        ("第二分编 所有权", Kind.SUBPART, "第二分编", (2,), " 所有权"),
        ("第三章", Kind.CHAPTER, "第三章", (3,), ""),
        ("第 三 章　规划与建设", Kind.CHAPTER, "第三章", (3,), "　规划与建设"),
        ("第三章：附则", Kind.CHAPTER, "第三章", (3,), "附则"),
        ("第十节总则", Kind.SECTION, "第十节", (10,), "总则"),
        ("第一条 为了", Kind.ARTICLE, "第一条", (1,), " 为了"),
        ("第１２条　为了", Kind.ARTICLE, "第12条", (12,), "　为了"),
        ("第三条：为了", Kind.ARTICLE, "第三条", (3,), "为了"),
        ("第一百二十条之一 资助", Kind.ARTICLE, "第一百二十条之一", (120, 1), " 资助"),
        ("附件2：", Kind.ANNEX, "附件2", (), ""),
    ],
)
def test_numbers_are_read_in_every_spelling(
    line: str, kind: Kind, label: str, number: tuple[int, ...], rest: str
) -> None:
    marker = read_marker(line)
    assert marker is not None
    assert (marker.kind, marker.label, marker.number) == (kind, label, number)
    assert line[marker.end :] == rest


@pytest.mark.parametrize(
    "line",
    [
        "",
        "　　",
        "各区、县人民政府：",
        "2015年5月25日",
        "5.6%的企业",
        "1、2号楼",
        "（2015）沪01号",
        "（一",
        "一般来说，",
        "一、二级医院要加强合作",
        "三、四线城市的住房",
        "二、三产业融合发展",
        "附件：1.任务清单",
        "附件所列的清单",
        "第三章规定的内容",
        "第三章的规定适用于本办法",
        "第三章第一节",
        "第二章 本章规定的期限，按日计算。",
        "第三方机构",
        "第万万条 数不出来",
        "第1百条 数不出来",
        "##",
    ],
)
def test_lines_without_a_number(line: str) -> None:
    assert read_marker(line) is None


@pytest.mark.parametrize(
    "line", ["一、二十大精神", "一、二〇二三年工作", "一、二手房交易", "一、一级响应"]
)
def test_a_heading_may_begin_with_a_numeral(line: str) -> None:
    marker = read_marker(line)
    assert marker is not None
    assert marker.label == "一、"


@pytest.mark.parametrize(
    "heading",
    ["规划与建设", "中央事权", "所有权", "与贸易有关的措施", "第一审程序", "关于出资的规定"],
)
def test_chapters_may_be_called_anything(heading: str) -> None:
    marker = read_marker(f"第二章 {heading}")
    assert marker is not None
    assert marker.kind is Kind.CHAPTER


@pytest.mark.parametrize(
    ("rest", "mention"),
    [
        ("规定的情形，从其规定", True),
        ("第二款所列", True),
        ("第一项", True),
        ("、第六条", True),
        ("至第九条", True),
        ("和第九条", True),
        ("（二）项规定的", True),
        ("的规定", True),
        ("所称", True),
        ("，", True),
        (" 规定的情形", True),
        ("为了规范", False),
        ("中华人民共和国境内", False),
        ("以营利为目的", False),
        ("规划期限", False),
        ("第三方机构", False),
        ("（一）项目申报", False),
        (" 为了", False),
        ("", False),
    ],
)
def test_a_sentence_about_an_article_is_told_from_its_text(rest: str, mention: bool) -> None:
    marker = read_marker(f"第五条{rest}")
    assert marker is not None
    assert marker.mention is mention


@pytest.mark.parametrize(
    ("line", "separated"),
    [
        ("第五条", True),
        ("第五条 甲", True),
        ("第五条\u3000甲", True),
        ("第五条【甲】乙", True),
        ("第五条（甲）", True),
        ("**第五条** 甲", True),
        ("第五条甲", False),
        ("第五条（二）项规定的", False),
    ],
)
def test_whether_an_article_stands_apart(line: str, separated: bool) -> None:
    marker = read_marker(line)
    assert marker is not None
    assert marker.separated is separated


@pytest.mark.parametrize(
    ("line", "kind", "label", "depth"),
    [
        ("# 总则", Kind.HEADING, "总则", 1),
        ("### 第一章  一般规定", Kind.CHAPTER, "第一章", 3),
        ("## 第五节 生活、卫生。", Kind.SECTION, "第五节", 2),
        ("## **一、总体要求**", Kind.CHINESE, "一、", 2),
        ("## 附件 1", Kind.ANNEX, "附件1", 2),
        ("- （一）甲", Kind.CHINESE_BRACKETS, "（一）", 0),
        ("> 1. 甲", Kind.ARABIC, "1.", 0),
        ("**第一条** 甲", Kind.ARTICLE, "第一条", 0),
        ("\ufeff一、甲", Kind.CHINESE, "一、", 0),
    ],
)
def test_markdown_before_the_number(line: str, kind: Kind, label: str, depth: int) -> None:
    marker = read_marker(line)
    assert marker is not None
    assert (marker.kind, marker.label, marker.depth) == (kind, label, depth)


@pytest.mark.parametrize(
    ("line", "start"), [("　　甲", 2), ("甲", 0), ("- 甲", 2), ("## 甲", 3), ("-甲", 0), ("", 0)]
)
def test_text_begins_behind_indent_and_markdown(line: str, start: int) -> None:
    assert content_start(line) == start


@given(
    st.text(
        alphabet="第条章节编部分之一二十百千万〇两0１2①⑴㈠⒈、.．（）()： 　#*->附件规定的",
        max_size=14,
    )
)
def test_no_line_breaks_the_reader(line: str) -> None:
    marker = read_marker(line)
    if marker is not None:
        assert 0 <= marker.end <= len(line)
        assert marker.label
        assert marker.label == marker.label.strip()
        assert 0 <= content_start(line) <= len(line)
