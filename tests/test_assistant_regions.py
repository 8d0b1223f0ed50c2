"""A region that the question names and the documents never mention is told below the answer."""

import re

import pytest
from llm_server import Script, number_of, serve
from support import B_PERMIT, assistant_of, shipped_assistant

from assistant.answer import Answer, Refusal
from assistant.citations import verify
from assistant.groups import groups
from assistant.groups import unmentioned as unmentioned_groups
from assistant.llm import OpenAIModel
from assistant.pipeline import Assistant
from assistant.question import Turn
from assistant.regions import named, regions, unmentioned
from assistant.settings import Settings
from corpus.model import Document
from corpus.store import further_documents, shipped_documents

SHENZHEN = "注意：文件没有提到深圳。"
LOCAL = Document("d", "某市人才办法", "第一条　发放人才补贴。\n", issuer="某市人民政府")


def answered(question: str, *history: str) -> str:
    outcome = shipped_assistant().ask(question, [Turn("user", text) for text in history])
    assert isinstance(outcome, Answer), outcome
    verify(outcome.text, outcome.citations, shipped_assistant().library)
    return outcome.text


def told(question: str, *documents: Document) -> list[str]:
    return [region.name for region in unmentioned(question, "", documents)]


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("深圳有什么人才补贴", ["深圳"]),
        ("廣東的企業", ["广东"]),
        ("湖北宜昌和江西省南昌市", ["湖北", "宜昌", "江西", "南昌"]),
        ("马鞍山", ["马鞍山"]),
        ("深圳引进大学生吗", ["深圳"]),
        ("Is it so in Shenzhen, in Xi'an or hong kong?", ["深圳", "西安", "香港"]),
    ],
)
def test_regions_are_found(question: str, names: list[str]) -> None:
    assert [region.name for region in named(question)] == names


@pytest.mark.parametrize(
    "question",
    [
        *(
            "确保定期检查",
            "形成都市圈",
            "长江西岸",
            "黄河南岸",
            "沿海口岸",
            "浦西安置房",
            "重大连接",
        ),
        *(
            "资金华而不实",
            "经济南北差异",
            "规定西部",
            "乡镇江边",
            "平台州际",
            "今天水费",
            "扩大庆祝",
        ),
        *("南京东路", "中山大学毕业", "日照时间", "白银价格", "Shenzhener", "有什么补贴", ""),
    ],
)
def test_words_that_only_look_like_a_region_are_none(question: str) -> None:
    assert named(question) == ()


def test_a_name_that_another_word_ends_in_does_not_hide_the_region_beside_it() -> None:
    assert [region.name for region in named("上海南站在江苏吗")] == ["江苏"]
    assert [region.name for region in named("其中山西的企业")] == ["山西"]


def test_the_list_is_sound() -> None:
    found = set(regions().values())
    provinces = {region.name for region in found if not region.within}
    assert len(provinces) == 34
    assert {region.within for region in found} - {""} <= provinces
    assert len(found) > 300
    assert all([region.name] == [r.name for r in named(region.name)] for region in found)


def test_a_region_never_mentioned_is_told_below_the_quotes() -> None:
    assert answered("深圳对科研人员离岗创业有什么规定").endswith("[2]\n" + SHENZHEN)
    assert answered("What subsidies does Shenzhen give to talents?").endswith(
        "\nNote: the document does not mention Shenzhen."
    )
    assert "注意" not in answered("上海有什么人才政策")
    assert "注意" not in answered(B_PERMIT)


def test_a_refusal_says_which_region_is_not_mentioned() -> None:
    outcome = shipped_assistant().ask("深圳有什么人才补贴")
    assert isinstance(outcome, Refusal)
    assert outcome.message.startswith("文件没有提到深圳。")


def test_a_followup_goes_back_to_the_region_asked_about() -> None:
    assert answered("那年限呢", "深圳的外国专家证怎么办").endswith(SHENZHEN)
    assert SHENZHEN not in answered("那上海呢", "深圳的外国专家证怎么办")


def test_an_answer_by_number_has_no_note() -> None:
    assert "注意" not in answered("深圳第八条讲什么")


@pytest.mark.parametrize("place", ["text", "title", "short_title", "issuer"])
def test_wherever_a_document_mentions_it_there_is_no_note(place: str) -> None:
    values = {
        "id": "d",
        "title": "办法",
        "text": "第一条　发放补贴。",
        place: "第一条　深\n 圳市。",
    }
    assert not told("深圳有补贴吗", Document(**values))
    assert told("广州有补贴吗", Document(**values)) == ["广州"]
    assert not told("深圳有补贴吗", LOCAL, Document(**values))  # one of the two does


def test_other_words_for_a_region_count() -> None:
    for text in ("在沪企业", "申城的企业", "上海市", "Shanghai"):
        assert not told("上海有补贴吗", Document("d", "办法", f"第一条　{text}。"))
    assert told("上海有补贴吗", LOCAL) == ["上海"]
    assert not told("Is it so in Hong Kong?", Document("d", "办法", "港澳居民。"))


def test_a_city_of_the_province_and_a_law_of_the_state_need_no_note() -> None:
    documents = {document.id: document for document in (*further_documents(), *shipped_documents())}
    assert not told("杭州的企业有补贴吗", documents["zhejiang-tech-transfer-2021"])
    assert not told("深圳的饭店浪费怎么罚", documents["food-waste-law-2021"])
    assert told("杭州和深圳", documents["beijing-volunteer-service-2020"]) == ["杭州", "深圳"]


def test_a_group_of_people_never_mentioned_is_told_too() -> None:
    assert answered("公务员可以保留人事关系离岗创业吗").endswith("\n注意：文件没有提到公务员。")
    assert "注意" not in answered("科研人员可以离岗创业吗")
    assert answered("May civil servants leave to found a start-up?").endswith(
        "does not mention civil servants."
    )
    told = unmentioned_groups("残疾人和退役士兵、律师有补贴吗", [LOCAL])
    assert [group.name for group in told] == ["残疾人", "律师"]
    assert not unmentioned_groups("残疾人有补贴吗", [Document("d", "办法", "残疾职工。")])


def test_every_group_is_found_by_its_own_name_in_questions_and_documents() -> None:
    for group in groups():
        assert group.asked.search(group.name)
        assert group.asked.search(group.english) or not group.asked.search("english")
        assert group.mentioned.search(group.name), group.name


def test_the_note_is_counted_in_the_length_of_an_answer() -> None:
    searcher = shipped_assistant().searcher
    for longest in (60, 120, 200):
        outcome = Assistant(searcher, Settings(max_answer=longest)).ask("深圳怎样引进人才？")
        assert isinstance(outcome, Answer)
        shown = re.sub(r"\[\d+\]", "", outcome.text)
        assert len(shown) <= longest or len(outcome.citations) == 1


def test_a_written_answer_has_the_note_and_its_stream_too() -> None:
    plain = assistant_of(
        Document("d", "某市办法", "第一条　人才补贴每人五万元。\n第二条　按月发放。\n")
    )
    with serve() as server:
        server.script = Script(lambda prompt: f"每人五万元[{number_of(prompt, '五万元')}]。")
        settings = Settings(llm_base_url=server.url, llm_model="scripted", llm_timeout=5)
        model = OpenAIModel(settings)
        *events, done = Assistant(plain.searcher, settings, model).stream(
            "深圳的人才补贴是多少元？"
        )
        model.close()
    assert done.data.mode == "generative"
    assert done.data.text.endswith("\n" + SHENZHEN)
    assert "".join(event.data for event in events if event.kind == "delta") == done.data.text
