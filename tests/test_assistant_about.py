"""Questions about a document itself: the text's own line, or what the metadata say, uncited."""

from functools import lru_cache

import pytest
from support import ROOT, assistant_of, dev_questions, shipped_assistant

from assistant.about_asked import Fact, asked_of
from assistant.answer import Answer, Outcome, Reason, Refusal
from assistant.pipeline import Assistant
from assistant.question import Turn
from corpus.model import Document
from corpus.store import FURTHER, read_document

NOTICE = """某市人民政府办公厅文件
某政办发〔2024〕12号
某市人民政府办公厅关于印发
人才公寓管理办法的通知
各区人民政府，市有关部门：
第一条 申请人向区人才办申请，由区人才办审批。名单每季度公布。
第二条 本办法自2024年5月1日起施行。
某市人民政府办公厅
2024年3月28日
"""
TITLE = "某市人民政府办公厅关于印发人才公寓管理办法的通知"
DECREE = "1995年7月20日 中华人民共和国国务院令第182号发布"
BARE = "第一条 早上九点上班。\n第二条 晚上六点下班。\n"

ASKED = [
    ("这文件谁发的", Fact.ISSUER),
    ("请问这个文件是哪个部门发布的？", Fact.ISSUER),
    ("发布机关是谁", Fact.ISSUER),
    ("由谁制定的", Fact.ISSUER),
    ("Who issued this document?", Fact.ISSUER),
    ("什么时候发布的", Fact.DATE),
    ("本办法何时通过的？", Fact.DATE),
    ("发布日期", Fact.DATE),
    ("文号是多少", Fact.NUMBER),
    ("这份文件的发文字号是什么？", Fact.NUMBER),
    ("这个文件叫什么", Fact.TITLE),
    ("这是什么文件？", Fact.TITLE),
    ("文件的全称是什么", Fact.TITLE),
    ("一共多少条", Fact.COUNT),
    ("这部法律有几章？", Fact.COUNT),
    (f"《{TITLE}》是谁印发的？", Fact.ISSUER),
    ("什么时候开始实行", Fact.FORCE),
    ("从哪天起施行？", Fact.FORCE),
    ("这个办法什么时候生效", Fact.FORCE),
    ("施行日期", Fact.FORCE),
    ("When does this law take effect?", Fact.FORCE),
    ("制定本法的根据是什么？", Fact.PURPOSE),
    ("为什么要出台这个文件", Fact.PURPOSE),
    ("立法目的是什么", Fact.PURPOSE),
    ("这个条例的制定依据", Fact.PURPOSE),
    ("这个文件的目的是什么", Fact.PURPOSE),
    ("What is the purpose of this law?", Fact.PURPOSE),
    ("这个文件现在还有效吗？", Fact.VALIDITY),
    ("这个政策失效了吗", Fact.VALIDITY),
    ("本办法的有效期是多久", Fact.VALIDITY),
    ("Is this policy still valid?", Fact.VALIDITY),
]
NOT_ASKED = [
    "居住证的有效期是多久",
    "有效期",
    "许可还有效吗",
    "谁来审批",
    "由谁发证",
    "办法由谁制定",
    "公告由谁发布",
    "许可什么时候生效",
    "处罚从什么时候执行",
    "什么时候执行完",
    "名单什么时候公布",
    "名单是谁公布的",
    "补贴什么时候发",
    "奖金谁发",
    "许可证编号是多少",
    "申请人叫什么",
    "你叫什么",
    "多少条件",
    "一共多少钱",
    "一共多少人",
    "补贴的目的是什么",
    "处罚的依据是什么",
    "这个办法由谁解释",
    "这个文件适用于谁",
    "谁制定实施细则",
    "Who issues the permit?",
    "When does the permit take effect?",
]


def notice(**metadata: str) -> Document:
    return Document("notice", TITLE, NOTICE, **metadata)


@lru_cache(maxsize=1)
def assistant() -> Assistant:
    return assistant_of(notice())


def said(outcome: Outcome) -> list[str]:
    """What is quoted."""
    assert isinstance(outcome, Answer), outcome
    return [citation.cited_text for citation in outcome.citations]


@pytest.mark.parametrize(("question", "fact"), ASKED)
def test_what_is_asked_of_the_document_itself(question: str, fact: Fact) -> None:
    assert asked_of(question, [notice()], opening=True) is fact


@pytest.mark.parametrize("question", NOT_ASKED)
def test_questions_about_what_it_says_are_left_alone(question: str) -> None:
    assert asked_of(question, [notice()], opening=True) is None


def test_no_question_of_the_development_half_is_taken_for_one() -> None:
    taken = [q["question"] for q in dev_questions() if asked_of(q["question"], (), opening=True)]
    assert not taken


def test_no_everyday_expression_for_training_is_taken_for_one() -> None:
    folder = ROOT / "index" / "training" / "everyday"
    lines = [line for path in folder.glob("terms-*.tsv")
             for line in path.read_text(encoding="utf-8").splitlines()]  # fmt: skip
    expressions = {e for line in lines for cell in line.split("\t") for e in cell.split("|")}
    assert len(expressions) > 10_000
    taken = {e for e in expressions if asked_of(e, (), opening=True)}
    assert taken == {"施行日期", "哪天生效"}  # which do ask that


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("这文件谁发的", ["某市人民政府办公厅文件"]),
        ("什么时候发布的", ["2024年3月28日"]),
        ("文号是多少", ["某政办发〔2024〕12号"]),
        ("这个文件叫什么", ["某市人民政府办公厅关于印发\n人才公寓管理办法的通知"]),
        ("谁来审批", ["申请人向区人才办申请，由区人才办审批。"]),
        ("从什么时候施行", ["本办法自2024年5月1日起施行。"]),
        ("什么时候生效", ["本办法自2024年5月1日起施行。"]),
    ],
)
def test_the_texts_own_line_is_quoted(question: str, quoted: list[str]) -> None:
    assert said(assistant().ask(question)) == quoted


def test_what_stands_before_the_first_clause_is_cited_so() -> None:
    outcome = assistant().ask("文号是多少")
    assert isinstance(outcome, Answer)
    assert outcome.citations[0].address.label == "前言"


@pytest.mark.parametrize(
    ("name", "question", "quoted"),
    [
        ("border-inspection-1995", "谁发布的", [DECREE]),
        ("border-inspection-1995", "文号是多少", [DECREE]),
        ("border-inspection-1995", "何时实施", ["本条例自1995年9月1日起施行。"]),
        ("food-waste-law-2021", "什么时候生效", ["本法自公布之日起施行。"]),
        ("border-inspection-1995", "何时通过的", ["1995年7月6日 国务院第34次常务会议通过"]),
        ("border-inspection-1995", "这个条例叫什么", ["中华人民共和国出境入境边防检查条例"]),
        (
            "beijing-volunteer-service-2020",
            "什么时候修订的",
            ["2020年12月25日 北京市第十五届人民代表大会常务委员会第二十七次会议修订"],
        ),
    ],
)
def test_laws_that_come_along(name: str, question: str, quoted: list[str]) -> None:
    law = assistant_of(read_document(FURTHER / f"{name}.txt"))
    assert said(law.ask(question)) == quoted


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("这文件谁发的", "中共上海市委、上海市人民政府"),
        ("什么时候发布的", "2015"),
        ("Who issued this document?", "中共上海市委、上海市人民政府"),
    ],
)
def test_what_only_the_metadata_say_is_told_in_a_refusal(question: str, told: str) -> None:
    outcome = shipped_assistant().ask(question)
    assert isinstance(outcome, Refusal)
    assert outcome.nearest == ()
    assert told in outcome.message
    assert "元数据" in outcome.message or "metadata" in outcome.message
    *_, done = shipped_assistant().stream(question)
    assert done.data.message == outcome.message


def test_clauses_are_counted() -> None:
    outcome = shipped_assistant().ask("一共多少条")
    assert isinstance(outcome, Answer)
    told = "《科创22条》从（一）到（二十二），共 22 条（按条款编号数出）。\n最后一条：\n"
    assert outcome.text.startswith(told)
    assert [citation.address.label for citation in outcome.citations] == ["（二十二）"]


@pytest.mark.parametrize("question", ["这文件谁发的", "什么时候发布的", "文号是多少"])
def test_what_nothing_says_is_refused_in_so_many_words(question: str) -> None:
    outcome = assistant_of(Document("bare", "作息", BARE)).ask(question)
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert outcome.message.startswith("《作息》的正文和元数据都没有写明")


def test_metadata_are_read_of_the_document_that_is_named() -> None:
    one = Document("a", "甲办法", BARE, number="甲发〔2020〕1号")
    other = Document("b", "乙办法", BARE, number="乙发〔2021〕2号")
    both = assistant_of(one, other)
    named, all_of_them = both.ask("《乙办法》的文号是多少？"), both.ask("文号是多少")
    assert isinstance(named, Refusal)
    assert isinstance(all_of_them, Refusal)
    assert "乙发" in named.message
    assert "甲发" not in named.message
    assert {"甲发〔2020〕1号", "乙发〔2021〕2号"} <= set(
        all_of_them.message.replace("：", "（").split("（")
    )


def test_in_a_conversation_what_names_no_document_goes_on_with_it() -> None:
    history = [Turn("user", "名单多久公布一次？")]
    outcome = assistant().ask("什么时候公布的", history)
    assert isinstance(outcome, Refusal) or "2024年3月28日" not in said(outcome)
    assert said(assistant().ask("这个文件什么时候公布的", history)) == ["2024年3月28日"]


@pytest.mark.parametrize(
    ("before", "question", "told"),
    [
        ("科研人员离岗创业，几年内可以回来？", "一共多少条", "共 22 条"),
        ("外国专家证有效期几年", "How many clauses are there?", "共 22 条"),
        ("一共多少条", "谁发的", "中共上海市委"),
        ("这文件是谁发的", "什么时候发布的", "2015"),
    ],
)
def test_in_a_conversation_what_can_only_mean_the_document(
    before: str, question: str, told: str
) -> None:
    outcome = shipped_assistant().ask(question, [Turn("user", before)])
    assert told in (outcome.text if isinstance(outcome, Answer) else outcome.message)


def test_in_a_conversation_on_its_content_a_few_words_go_on_with_that() -> None:
    outcome = shipped_assistant().ask("谁发的", [Turn("user", "外国专家证有效期几年")])
    assert "元数据" not in (outcome.text if isinstance(outcome, Answer) else outcome.message)


def test_since_when_it_is_in_force_may_be_asked_after_anything() -> None:
    law = Document(
        "d", "某市办法", "第一条　为了引才，制定本办法。\n第二条　本办法自2022年5月1日起施行。\n"
    )
    before = [Turn("user", "适用于哪些地方？")]
    outcome = assistant_of(law).ask("从哪天开始生效的？", before)
    assert isinstance(outcome, Answer)
    assert "2022年5月1日" in outcome.text
    assert asked_of("从什么时候开始执行", [law], opening=False) is None


def test_what_a_document_was_made_for_is_the_sentence_that_says_so() -> None:
    law = "第一条　为了引进人才，根据有关法律，制定本办法。\n第二条　发放补贴。\n"
    outcome = assistant_of(Document("d", "某市办法", law)).ask("为什么要制定这个办法？")
    assert isinstance(outcome, Answer)
    assert outcome.citations[0].cited_text == "为了引进人才，根据有关法律，制定本办法。"
    bare = assistant_of(Document("d", "某市办法", BARE)).ask("为什么要制定这个办法？")
    assert isinstance(bare, Refusal)


def test_a_title_with_a_typing_error_is_still_the_document() -> None:
    document = Document(id="a", title="浙江省快递业促进条例", text="第一条 一。\n")
    asked = [f"{name}从哪天起施行" for name in ("《浙江省快递业促进条立》", "浙江省快弟业促进条例")]
    assert [asked_of(q, [document], opening=False) for q in asked] == [Fact.FORCE] * 2
    assert asked_of("《江苏省邮政管理条例》何时公布", [document], opening=False) is None


@pytest.mark.parametrize(
    ("text", "question", "quoted"),
    [
        (
            "第一条 公司实行夏令时。\n第二条 本办法由财务部负责解释，自2024年4月1日起施行。\n",
            "什么时候开始执行",
            ["本办法由财务部负责解释，自2024年4月1日起施行。"],
        ),
        (
            "第一条 一。\n第二条 许可证有效期五年。本办法自5月1日起施行，有效期两年。\n",
            "这个办法有效到什么时候",
            ["本办法自5月1日起施行，有效期两年。"],
        ),
    ],
)
def test_what_the_last_clause_says_of_the_document(
    text: str, question: str, quoted: list[str]
) -> None:
    outcome = assistant_of(Document(id="a", title="某办法", text=text)).ask(question)
    assert isinstance(outcome, Answer)
    assert [c.cited_text for c in outcome.citations] == quoted


@pytest.mark.parametrize("question", ["什么时候开始实施？", "这个文件现在还有效吗"])
def test_the_first_document_says_nothing_of_when(question: str) -> None:
    outcome = shipped_assistant().ask(question)
    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.NOT_IN_DOCUMENT
    assert "没有写明" in outcome.message
