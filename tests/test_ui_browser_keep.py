"""What a visitor keeps and passes on, in a real Chromium: conversations, links, files, ratings."""

import re
from pathlib import Path
from typing import Any

import pytest
from browser import FEEDBACK, Visit, citations_of, turn_of, visit
from docx import Document as WordDocument
from support import B_PERMIT, SHIPPED_ID, shipped_assistant, squeeze, without_times, workspace

from assistant.api.schemas import AskResponse
from assistant.feedback import Feedback, FeedbackStore
from assistant.question import Turn as Earlier

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

_BANK = "支持商业银行设立什么公司，与银行形成投贷利益共同体？"
_REFUSED = "第三十条讲什么？"
_MAY_COPY = {"permissions": ["clipboard-read", "clipboard-write"]}


def copied(opened: Visit, turn: Any, do: str) -> str:
    """Press a button that copies; return what the clipboard then holds."""
    opened.page.evaluate("navigator.clipboard.writeText('')")
    turn.locator(f"[data-do={do}]").click()
    opened.page.wait_for_function("navigator.clipboard.readText().then(text => text !== '')")
    assert opened.page.locator("#tw-live").inner_text() == "已复制"
    return str(opened.page.evaluate("navigator.clipboard.readText()"))


def downloaded(opened: Visit, do: str, target: Path) -> Path:
    with opened.page.expect_download() as download:
        opened.page.locator(f"[data-do={do}]").click()
    path = target / download.value.suggested_filename
    download.value.save_as(path)
    return path


def hrefs(turn: Any) -> list[str]:
    """Where the sources under an answer lead."""
    found: list[str] = turn.locator(".tw-place").evaluate_all("links => links.map(l => l.href)")
    return found


def ratings(answer_id: str) -> list[Feedback]:
    path = workspace() / FEEDBACK
    found = FeedbackStore(path).read() if path.is_file() else ()
    return [feedback for feedback in found if feedback.answer_id == answer_id]


def test_a_conversation_outlives_a_reload(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        opened.ask(B_PERMIT)
        opened.ask(_REFUSED)
        before = opened.page.locator(".tw-thread").inner_text()
        opened.page.reload()
        opened.turn(1)
        assert opened.page.locator(".tw-thread").inner_text() == before
        chip = opened.turns.first.locator(".tw-chip")
        quote = citations_of(opened.turns.first)[0]["cited_text"]
        chip.click()
        opened.until_highlighted(quote)
        opened.ask("第八条讲什么？")
        assert opened.questions == [B_PERMIT, _REFUSED, "第八条讲什么？"]


def test_several_conversations(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        page = opened.page
        listed = page.locator("#tw-conversations label")
        opened.ask(B_PERMIT)
        opened.open_conversations()
        page.locator("#tw-new").click()
        page.locator(".tw-start").wait_for()
        assert page.locator("#tw-paper mark").count() == 0
        opened.ask(_BANK)
        assert opened.questions == [_BANK]
        assert listed.all_inner_texts() == [_title(_BANK), _title(B_PERMIT)]
        listed.nth(1).click()
        page.get_by_text(B_PERMIT).and_(page.locator(".tw-you")).wait_for()
        assert opened.questions == [B_PERMIT]
        opened.until_highlighted(citations_of(opened.turn())[0]["cited_text"])
        page.reload()
        assert turn_of(opened.turn())["question"] == B_PERMIT
        opened.open_conversations()
        page.locator("#tw-delete").click()
        page.locator(".tw-start").wait_for()
        assert listed.all_inner_texts() == [_title(_BANK)]
        page.locator("#tw-clear").click()
        page.locator("#tw-conversations label").wait_for(state="detached")
        page.reload()
        page.locator(".tw-start").wait_for()
        page.wait_for_timeout(300)
        assert opened.turns.count() == 0
        assert B_PERMIT not in page.evaluate("JSON.stringify(localStorage)")


def _title(question: str) -> str:
    return question if len(question) <= 24 else question[:23] + "…"


def test_two_visitors_share_nothing(browser: Any, origin: str) -> None:
    after = "有效期最长几年？"
    with visit(browser, origin) as first, visit(browser, origin) as second:
        first.ask("外国专家证怎么办？")
        assert second.page.locator(".tw-turn, mark").count() == 0
        without_history = second.ask(after)
        with_history = first.ask(after)
        assert first.questions == ["外国专家证怎么办？", after]
        assert second.questions == [after]
        for turn, history in ((without_history, []), (with_history, [_user("外国专家证怎么办？")])):
            answered = shipped_assistant().ask(after, history)
            expected = without_times(AskResponse.from_domain(answered).model_dump(mode="json"))
            assert without_times(turn_of(turn)["response"]) == expected | {"evidence": []}
        second.page.reload()
        second.turn()
        assert second.questions == [after]
        assert "外国专家证怎么办" not in second.page.evaluate("JSON.stringify(localStorage)")


def _user(question: str) -> Earlier:
    return Earlier("user", question)


@pytest.mark.parametrize(("locale", "arrived"), [("zh-CN", "/"), ("en-US", "/en/")])
def test_a_share_link_gives_the_same_answer_to_somebody_else(
    browser: Any, origin: str, locale: str, arrived: str
) -> None:
    with visit(browser, origin, **_MAY_COPY) as opened:
        turn = opened.ask(_BANK)
        link = copied(opened, turn, "share")
        response = without_times(turn_of(turn)["response"])
    assert link.startswith(f"{origin}/?q=")
    with visit(browser, origin, link.removeprefix(origin), locale=locale) as other:
        turn = other.turn()
        assert without_times(turn_of(turn)["response"]) == response
        assert other.page.url == origin + arrived
        assert other.questions == [_BANK]
        turn.locator(".tw-chip").last.click()
        other.until_highlighted(response["citations"][-1]["cited_text"])


def test_the_link_of_a_quote_can_be_sent_on(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        turn = opened.ask(B_PERMIT)
        turn.locator(".tw-chip").click()
        quote = citations_of(turn)[0]["cited_text"]
        opened.until_highlighted(quote)
        links = [
            opened.page.locator("#tw-alone").evaluate("link => link.href"),
            turn.locator(".tw-chip").evaluate("link => link.href"),
        ]
    for link in links:
        assert link.startswith(f"{origin}/documents/{SHIPPED_ID}?quote=")
        with visit(browser, origin, link.removeprefix(origin)) as other:
            mark = other.page.locator("mark.twd-now")
            assert squeeze(mark.all_text_contents()) == squeeze(quote)
            assert 0 <= mark.first.bounding_box()["y"] < 800
            assert "（八）" in other.page.locator("p:target").inner_text()


@pytest.mark.parametrize("label", ["（八）", "第八条"])
def test_a_clause_has_an_address_under_both_its_names(
    browser: Any, origin: str, label: str
) -> None:
    with visit(browser, origin, f"/documents/{SHIPPED_ID}#{label}") as opened:
        paragraph = opened.page.locator("p", has_text="延长有效期限最高到10年")
        assert opened.page.evaluate("scrollY") > 1000
        assert 0 <= paragraph.bounding_box()["y"] < 800


def test_copying_an_answer_with_its_citations(browser: Any, origin: str) -> None:
    with visit(browser, origin, **_MAY_COPY) as opened:
        turn = opened.ask(_BANK)
        quotes = [squeeze(citation["cited_text"]) for citation in citations_of(turn)]
        plain = copied(opened, turn, "copy")
        assert plain.startswith(_BANK)
        assert f"[{len(quotes)}] 《科创22条》" in plain
        assert all(squeeze(plain).count(quote) == 2 for quote in quotes)  # said, and cited
        markdown = copied(opened, turn, "markdown")
        assert markdown.startswith(f"## {_BANK}")
        assert len(re.findall(r"\n> \[\d+\] ", markdown)) == len(quotes) >= 2
        assert all(quote in squeeze(markdown) for quote in quotes)
        assert re.findall(r"\]\((.*)\)", markdown) == hrefs(turn)


def test_a_conversation_as_markdown_and_as_word(browser: Any, origin: str, tmp_path: Path) -> None:
    with visit(browser, origin) as opened:
        for do in ("export-md", "export-docx"):  # before anything was asked: nothing
            opened.page.locator(f"[data-do={do}]").click()
        opened.page.wait_for_timeout(100)
        assert not [url for url in opened.requests if url.startswith("blob:") or "export" in url]
        answer, refusal = opened.ask(_BANK), opened.ask(_REFUSED)
        said = turn_of(answer)["response"]["answer"]
        message = turn_of(refusal)["response"]["refusal"]["message"]
        quotes = [citation["cited_text"] for citation in citations_of(answer)]
        path = downloaded(opened, "export-md", tmp_path)
        assert path.name == "tiaowen.md"
        markdown = path.read_text(encoding="utf-8")
        path = downloaded(opened, "export-docx", tmp_path)
        assert path.name == "tiaowen.docx"
        word, expected = WordDocument(str(path)), hrefs(answer)
        paragraphs = [paragraph.text for paragraph in word.paragraphs]
    for text in (markdown, "\n".join(paragraphs)):
        for part in (_BANK, said, _REFUSED, message, *quotes):
            assert squeeze(part) in squeeze(text)
        assert "（十五）推动科技与金融紧密结合" in text
        assert "条问" in text.splitlines()[-1]
    assert re.findall(r"\]\((.*)\)", markdown) == expected
    assert [link.url for p in word.paragraphs for link in p.hyperlinks] == expected
    assert all(link.startswith(f"{origin}/documents/{SHIPPED_ID}?quote=") for link in expected)
    assert f"## {_BANK}" in markdown.splitlines()
    assert paragraphs[0] == _BANK


def test_ratings_and_reasons_arrive(browser: Any, origin: str) -> None:
    with visit(browser, origin) as opened:
        page = opened.page
        refused = opened.ask(_REFUSED)
        refused.locator("[data-do=down]").click()  # counts at once
        refused.locator("[data-do=down][aria-pressed=true]").wait_for()
        (feedback,) = ratings(turn_of(refused)["response"]["id"])
        assert (feedback.rating, feedback.reason) == ("down", "")
        refused.locator(".tw-why button").click()  # a reason is not asked for twice
        refused.locator(".tw-why").wait_for(state="detached")
        (feedback,) = ratings(turn_of(refused)["response"]["id"])
        assert (feedback.rating, feedback.reason, feedback.answerable) == ("down", "", False)
        turn = opened.ask(B_PERMIT)
        response = turn_of(turn)["response"]
        up, down = turn.locator("[data-do=up]"), turn.locator("[data-do=down]")
        up.click()
        turn.locator("[data-do=up][aria-pressed=true]").wait_for()
        assert [feedback.rating for feedback in ratings(response["id"])] == ["up"]
        assert "已记录" in page.locator("#tw-live").inner_text()
        down.click()
        page.keyboard.type("没有说家属")  # the field has the focus
        page.keyboard.press("Enter")
        page.locator(".tw-why").wait_for(state="detached")
        (feedback,) = ratings(response["id"])
        page.reload()
        pressed = opened.turn(1).locator("[aria-pressed=true]")
        assert pressed.get_attribute("data-do") == "down"
    assert (feedback.rating, feedback.reason) == ("down", "没有说家属")
    assert (feedback.question, feedback.history) == (B_PERMIT, (_REFUSED,))
    assert feedback.answer == response["answer"]
    assert [c.cited_text for c in feedback.citations] == [
        c["cited_text"] for c in response["citations"]
    ]
    assert feedback.versions


def test_a_reason_waits_for_the_thumb_that_it_is_added_to(browser: Any, origin: str) -> None:
    sent: list[str] = []
    meanwhile: list[str] = []

    def slowly(route: Any) -> None:
        sent.append(route.request.post_data_json["reason"])
        if len(sent) == 1:
            opened.page.wait_for_timeout(600)
            meanwhile.extend(sent[1:])
        route.continue_()

    with visit(browser, origin) as opened:
        opened.page.route("**/v1/feedback", slowly)
        turn = opened.ask(B_PERMIT)
        turn.locator("[data-do=down]").click(no_wait_after=True)
        opened.page.keyboard.type("没有说家属")
        opened.page.keyboard.press("Enter")
        opened.page.locator(".tw-why").wait_for(state="detached")
        (feedback,) = ratings(turn_of(turn)["response"]["id"])
        turn.locator("[data-do=down]").click()
        opened.page.locator(".tw-why").wait_for()
        turn.locator("[data-do=up]").click()
        opened.page.locator(".tw-why").wait_for(state="detached")
        turn.locator("[data-do=up][aria-pressed=true]").wait_for()
        (other,) = ratings(feedback.answer_id)
    assert sent == ["", "没有说家属", "", ""]
    assert meanwhile == []  # what was typed while the thumb was on its way has not overtaken it
    assert (feedback.rating, feedback.reason) == ("down", "没有说家属")
    assert (other.rating, other.reason) == ("up", "")
