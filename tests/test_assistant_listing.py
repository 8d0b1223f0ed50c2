"""Sentences that enumerate."""

import pytest

from assistant.listing import Enumeration, enumeration


def test_head_items_and_tail() -> None:
    found = enumeration("要加快布局，积极推进脑科学、干细胞、材料基因组、量子通信等一批项目。")
    assert found == Enumeration(
        "要加快布局，积极推进", ("脑科学", "干细胞", "材料基因组", "量子通信"), "等一批项目。"
    )


def test_what_a_colon_opens_may_end_with_the_sentence() -> None:
    found = enumeration("应当提交下列材料：申请书、身份证、学历证明、劳动合同。")
    assert found
    assert found.items == ("申请书", "身份证", "学历证明", "劳动合同")
    assert found.tail == "。"


@pytest.mark.parametrize(
    "sentence",
    [
        "科研人员可以兼职。",
        "支持企业、高校等合作。",
        "不涉及国防、国家安全、国家利益、重大社会公共利益的科技成果，不再审批。",
        "鼓励采取竞争性谈判、竞争性磋商、单一来源采购等方式首购、订购及政府购买服务。",
        "",
    ],
)
def test_no_list_where_its_ends_are_not_plain(sentence: str) -> None:
    assert enumeration(sentence) is None


def test_nothing_of_the_sentence_is_lost() -> None:
    sentence = "重点发展研究开发、技术转移、检验检测、科技咨询等服务，培育骨干企业。"
    found = enumeration(sentence)
    assert found
    assert found.head + "、".join(found.items) + found.tail == sentence
