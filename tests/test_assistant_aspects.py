"""Aspects that a question asks for and a document may leave open."""

import pytest
from support import assistant_of, shipped_encoder

from assistant.answer import Answer, Reason, Refusal
from assistant.aspects import asked_of, aspects, unstated
from corpus.model import Document

POLICY = Document(
    id="policy",
    title="某市人才新政",
    text=(
        "一、科研人员\n（一）科研人员可以保留人事关系离岗创业，创业期3至5年内返回的，工龄连续计算。\n"
        "（二）离岗创业由所在单位审批，报区人才办备案。\n"
        "二、毕业生\n（三）应届毕业生可以在青年驿站免费住宿最长10天。\n"
        "（四）青年驿站的建设经费由市财政承担。毕业生向区人才办申请创业贷款。\n"
    ),
)


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("离岗创业要经过谁批准？", ["由谁决定"]),
        ("驿站的建设由谁出钱？", ["由谁出钱"]),
        ("贷款向哪个部门申请", ["向哪里提出"]),
        ("申请要交哪些材料？", ["需要的材料"]),
        ("需要什么学历", ["学历要求"]),
        ("离岗期间社保由谁缴？", ["由谁出钱", "社会保险的缴纳"]),
        ("到期还不上会怎么处理？", ["后果"]),
        ("对结果不服能不能申请复议", ["申诉或者复议的途径"]),
        ("离岗创业可以多久？", []),
        ("办法由谁制定？", []),  # whoever makes it is named by any sentence on it
        ("发展指数由哪个机构发布", []),
        ("两头跑行不行", []),
        ("外国专家证的办理材料有哪些", ["需要的材料"]),
        ("向学校哪个部门申请休学", ["向哪里提出"]),
        ("行政裁决由哪个部门作出", []),
        ("放宽到哪些领域", []),
        ("简化哪些证的办理程序", []),
    ],
)
def test_what_is_asked_for(question: str, names: list[str]) -> None:
    assert [aspect.name for aspect in asked_of(question)] == names


def test_what_sentences_leave_open() -> None:
    assert unstated("离岗创业要经过谁批准？", "离岗创业由所在单位审批。") == ()
    assert [a.name for a in unstated("离岗创业要经过谁批准？", "可以离岗创业。")] == ["由谁决定"]
    assert unstated("可以离岗创业吗", "") == ()


def test_each_aspect_is_told_by_one_name() -> None:
    names = [aspect.name for aspect in aspects()]
    assert len(names) == len(set(names)) > 10


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("在青年驿站免费住宿的应届毕业生需要什么学历？", "学历要求"),
        ("科研人员离岗创业期间社保由谁缴？", "社会保险"),
        ("应届毕业生在青年驿站免费住宿要交哪些材料？", "需要的材料"),
    ],
)
def test_a_near_miss_is_refused_with_what_is_said_and_what_is_not(
    question: str, missing: str
) -> None:
    outcome = assistant_of(POLICY, encoder=shipped_encoder()).ask(question)
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert outcome.message.startswith("文件提到“")
    assert "但没有写明" in outcome.message
    assert missing in outcome.message


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("科研人员离岗创业由谁审批？", "由所在单位审批"),
        ("青年驿站的建设经费由谁出？", "由市财政承担"),
        ("创业贷款向谁申请？", "向区人才办申请"),
    ],
)
def test_an_aspect_that_is_stated_is_answered_by_its_sentence(question: str, quoted: str) -> None:
    outcome = assistant_of(POLICY, encoder=shipped_encoder()).ask(question)
    assert isinstance(outcome, Answer)
    assert quoted in outcome.text
