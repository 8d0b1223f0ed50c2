"""The widget in a real Chromium, on pages of another origin than the server's."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import chromium
from serving import run_server
from support import B_PERMIT, ONERROR, ROOT, SHIPPED_ID, squeeze
from widget_portal import KEY, WAIT, Portal, Server, Visit, visit

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]

_QUOTE = "延长有效期限最高到10年"
_NOT_THERE = "今年的养老金涨多少？"
_BUTTON = "问文件"


@pytest.fixture(scope="module")
def portal() -> Iterator[Portal]:
    opened = Portal()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def running(portal: Portal) -> Iterator[Server]:
    chromium()
    command = [str(ROOT / "tests" / "widget_server.py"), portal.origin]
    with run_server(command) as (address, _):
        yield Server(address)


@pytest.fixture
def server(running: Server) -> Server:
    running.change(forget=True)
    return running


def test_one_tag_on_another_origin_answers_and_leads_to_the_quote(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".answer").inner_text()
        chip = opened.wait_for(".chip").first
        assert chip.inner_text() == "1"
        with opened.page.context.expect_page() as tab:
            chip.click()
        document = tab.value
        document.wait_for_load_state("load")
        assert document.url.startswith(f"{server.origin}/documents/{SHIPPED_ID}?quote=")
        mark = document.locator("mark.twd-now").first
        assert _QUOTE in squeeze(document.locator("mark").all_text_contents())
        assert 0 <= mark.bounding_box()["y"] < 800
        assert document.evaluate("decodeURIComponent(location.hash)").startswith("#")
        (said,) = opened.heard("answer")
        assert said["answerable"] is True
        assert said["citations"][0]["cited_text"] in squeeze(said["answer"])
        places = opened.wait_for(".sources a")
        assert "（八）" in places.first.inner_text()
        assert places.first.get_attribute("href") == chip.get_attribute("href")
        assert {f"{portal.origin}/", f"{server.origin}/"} >= {
            re.sub(r"^(https?://[^/]+/).*", r"\1", url) for url in opened.requests
        }
        assert [c for c in opened.complaints if "favicon" not in c] == []
    (asked,) = server.asked
    assert asked["authorization"] == f"Bearer {server.state()['tokens'][-1]}"
    assert asked["body"] == {"question": B_PERMIT, "history": [], "stream": True}


def test_a_token_is_kept_and_renewed_once_when_it_is_refused(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        before = len(server.state()["tokens"])
        opened.ask(B_PERMIT)
        opened.wait_for(".answer")
        opened.ask("第八条讲什么")
        opened.wait_for(".answer", 2)
        assert len(server.state()["tokens"]) == before + 1
        server.change(revoke=True)
        opened.ask("第九条讲什么")
        opened.wait_for(".answer", 3)
        assert len(server.state()["tokens"]) == before + 2
        assert opened.heard("error") == []


def test_a_token_is_renewed_before_it_expires(browser: Any, server: Server, portal: Portal) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.page.clock.install()
        before = len(server.state()["tokens"])
        opened.ask(B_PERMIT)
        opened.wait_for(".answer")
        opened.page.clock.fast_forward(1_760_000)  # half a minute less ten seconds is left
        opened.ask("第八条讲什么")
        opened.wait_for(".answer", 2)
        assert len(server.state()["tokens"]) == before + 1
        opened.page.clock.fast_forward(11_000)
        opened.ask("第九条讲什么")
        opened.wait_for(".answer", 3)
        assert len(server.state()["tokens"]) == before + 2


def test_an_unknown_site_key_is_said_in_one_sentence(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag("tws_other"))) as opened:
        opened.ask(B_PERMIT)
        assert opened.failed() == "没有这个站点密钥"
        assert opened.box.input_value() == B_PERMIT
        (detail,) = opened.heard("error")
        assert detail == {"code": "forbidden", "message": "没有这个站点密钥", "status": 403}
    assert server.asked == []


def test_a_follow_up_carries_the_questions_before_it(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag(""))) as opened:
        opened.ask("海外人才居住证（B证）有什么规定？")
        opened.wait_for(".answer, .refusal")
        opened.ask("那最长几年呢？")
        assert "年" in opened.wait_for(".answer", 2).last.inner_text()
        opened.page.locator("tiao-wen .again").click()
        assert opened.page.locator("tiao-wen .turn").count() == 0
        assert opened.focused() == "textarea"
        opened.ask(B_PERMIT)
        opened.wait_for(".answer")
    first, second, third = server.asked
    assert first["authorization"] is None
    assert first["body"]["history"] == []
    history = [{"role": "user", "content": "海外人才居住证（B证）有什么规定？"}]
    assert second["body"]["history"] == history
    assert third["body"]["history"] == []


def test_the_keyboard_alone_is_enough(browser: Any, server: Server, portal: Portal) -> None:
    with visit(
        browser, portal.page(f'<a href="#">前</a>{server.tag()}<a href="#">后</a>')
    ) as opened:
        page = opened.page
        opened.button.focus()
        page.keyboard.press("Enter")
        assert opened.focused() == "textarea"
        dialog = page.get_by_role("dialog", name="条问")
        assert dialog.is_visible()
        page.keyboard.type("海外人才居住证（B证）")
        page.keyboard.press("Shift+Enter")
        page.keyboard.type("的有效期最长几年？")
        assert opened.box.input_value() == "海外人才居住证（B证）\n的有效期最长几年？"
        page.keyboard.press("Enter")
        opened.wait_for(".chip")
        assert opened.box.input_value() == ""
        seen = [_tab(opened, "Tab") for _ in range(12)]
        assert {"send", "again", "close", "log", "chip", "textarea"} <= set(seen)
        assert "" not in seen
        assert "" not in [_tab(opened, "Shift+Tab") for _ in range(12)]
        page.keyboard.press("Escape")
        assert dialog.is_hidden()
        assert opened.focused() == "open"
        assert [kind for kind, _ in page.evaluate("window.heard")] == ["open", "answer", "close"]


def _tab(opened: Visit, key: str) -> str:
    opened.page.keyboard.press(key)
    return opened.focused()


def test_a_chip_shows_its_quote_to_pointer_and_keyboard(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.ask(B_PERMIT)
        chip, tip = opened.wait_for(".chip").first, opened.page.locator("tiao-wen .tip")
        assert tip.is_hidden()
        chip.hover()
        assert _QUOTE in squeeze([tip.inner_text()])
        tip.hover()
        opened.page.wait_for_timeout(400)
        assert tip.is_visible()  # it can be reached
        opened.page.mouse.move(5, 5)
        tip.wait_for(state="hidden", timeout=WAIT)
        opened.box.focus()
        while _tab(opened, "Shift+Tab") != "chip":
            pass
        assert _QUOTE in squeeze([tip.inner_text()])
        opened.page.keyboard.press("Escape")
        assert tip.is_hidden()
        assert opened.panel.is_visible()
        opened.page.keyboard.press("Escape")
        assert opened.panel.is_hidden()


def test_enter_that_chooses_characters_does_not_send(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.button.click()
        opened.box.fill("居住证")
        opened.box.dispatch_event("keydown", {"key": "Enter", "isComposing": True})
        opened.box.dispatch_event("keydown", {"key": "Enter", "keyCode": 229})
        assert opened.page.locator("tiao-wen .turn").count() == 0
        opened.box.press("Enter")
        opened.wait_for(".turn")
    assert len(server.asked) <= 1


def test_a_server_that_is_out_of_reach_is_said_and_the_question_kept(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.button.click()
        opened.page.context.set_offline(True)
        opened.ask(B_PERMIT)
        assert opened.failed() == "连不上问答服务，或本网站未获授权；请检查后再试。"
        assert opened.box.input_value() == B_PERMIT
        assert opened.focused() == "textarea"
        assert opened.page.locator("tiao-wen .turn").count() == 0
        assert [detail["code"] for detail in opened.heard("error")] == ["network"]
        opened.page.context.set_offline(False)
        opened.box.press("Enter")
        opened.wait_for(".answer")
        assert opened.error.inner_text() == ""


def test_too_many_questions_are_told_how_long_to_wait(
    browser: Any, server: Server, portal: Portal
) -> None:
    server.change(wait=17)
    try:
        with visit(browser, portal.page(server.tag())) as opened:
            opened.ask(B_PERMIT)
            assert opened.failed() == "提问太频繁。请 17 秒后再试。"
            assert opened.box.input_value() == B_PERMIT
    finally:
        server.change()


def test_an_empty_question_is_not_sent(browser: Any, server: Server, portal: Portal) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.ask("  ")
        assert opened.failed() == "请先写下问题"
    assert server.asked == []


@pytest.mark.parametrize(
    "broken",
    [
        {"status": 200, "content_type": "text/event-stream", "body": "event: delta\ndata: "},
        {"status": 200, "content_type": "text/event-stream", "body": "data: nonsense\n\n"},
        {"status": 502, "content_type": "text/html", "body": "<h1>Bad gateway</h1>"},
    ],
    ids=["cut off", "garbled", "refused by a proxy"],
)
def test_a_stream_that_does_not_get_through_is_asked_for_whole(
    browser: Any, server: Server, portal: Portal, broken: dict[str, Any]
) -> None:
    headers = {"access-control-allow-origin": portal.origin}

    def stand_between(route: Any) -> None:
        posted = route.request.post_data or "{}"
        if json.loads(posted).get("stream"):
            route.fulfill(headers={**headers, "content-type": broken["content_type"]}, **broken)
        else:
            route.continue_()

    with visit(browser, portal.page(server.tag())) as opened:
        opened.page.route("**/v1/ask", stand_between)
        opened.ask(B_PERMIT)
        assert "10年" in opened.wait_for(".chip").locator("..").inner_text()
    assert [asked["body"]["stream"] for asked in server.asked] == [False]


def test_a_question_can_be_stopped_and_is_kept(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.page.route("**/v1/ask", lambda _: None)  # never answered
        opened.ask(B_PERMIT)
        opened.page.get_by_role("button", name="停止").click()
        opened.page.get_by_role("button", name="提问").wait_for(timeout=WAIT)
        assert opened.box.input_value() == B_PERMIT
        assert opened.error.inner_text() == ""
        assert opened.heard("error") == []


def test_a_refusal_looks_different_and_names_the_nearest_clauses(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.ask("第三十条讲什么")
        refusal = opened.wait_for(".refusal")
        assert "22" in refusal.inner_text()
        assert opened.page.locator("tiao-wen .answer, tiao-wen .chip").count() == 0
        near = refusal.locator("a").first
        assert "（二十二）" in near.inner_text()
        address = near.get_attribute("href")
        assert address.startswith(f"{server.origin}/documents/{SHIPPED_ID}#")
        assert [detail["answerable"] for detail in opened.heard("answer")] == [False]


def test_an_element_in_the_text_with_a_preset_question_in_english(
    browser: Any, server: Server, portal: Portal
) -> None:
    element = (
        f'<tiao-wen site="{KEY}" document="{SHIPPED_ID}" language="en" placeholder="Write here"'
        ' question="What does clause 8 say?"></tiao-wen>'
    )
    with visit(browser, portal.page(server.tag(None) + element)) as opened:
        assert opened.page.locator("tiao-wen").count() == 1  # no button besides
        assert opened.box.input_value() == "What does clause 8 say?"
        assert opened.box.get_attribute("placeholder") == "Write here"
        opened.page.get_by_role("button", name="Ask").click()
        chip = opened.wait_for(".chip").first
        assert chip.get_attribute("aria-label").startswith("Source 1")
        assert "language=en" in chip.get_attribute("href")
        assert opened.panel.get_attribute("lang") == "en"
        assert opened.heard("open") == []
    (asked,) = server.asked
    assert asked["body"]["documents"] == [SHIPPED_ID]


def test_the_language_is_the_pages_unless_given(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, portal.page(server.tag(), language="en-GB")) as opened:
        assert opened.button.inner_text() == "Ask the document"
    with visit(browser, portal.page(server.tag(language="zh"), language="en")) as opened:
        assert opened.button.inner_text() == _BUTTON


def test_the_tag_sets_side_label_and_question(browser: Any, server: Server, portal: Portal) -> None:
    tag = server.tag(position="left", label="问一问", question="第八条讲什么")
    with visit(browser, portal.page(tag)) as opened:
        assert opened.button.inner_text() == "问一问"
        assert opened.button.bounding_box()["x"] < 100
        opened.button.click()
        assert opened.box.input_value() == "第八条讲什么"
        assert opened.panel.bounding_box()["x"] < 100
        opened.page.keyboard.press("Enter")
        assert "（八）" in opened.wait_for(".sources").first.inner_text()


def test_the_page_can_open_ask_and_close(browser: Any, server: Server, portal: Portal) -> None:
    body = f'<button id="mine">问这条</button>{server.tag()}'
    with visit(browser, portal.page(body)) as opened:
        opened.page.locator("#mine").focus()
        answer = opened.page.evaluate(
            "question => document.querySelector('tiao-wen').ask(question)", B_PERMIT
        )
        assert "10年" in answer["answer"]
        assert opened.panel.is_visible()
        assert opened.heard("answer") == [answer]
        opened.page.evaluate("document.querySelector('tiao-wen').close()")
        assert opened.panel.is_hidden()
        assert opened.page.evaluate("document.activeElement.id") == "mine"


def test_a_strict_page_breaks_nothing_and_two_tags_make_one_button(
    browser: Any, server: Server, portal: Portal
) -> None:
    rules = (
        "body *, tiao-wen { display: none !important; position: static !important;"
        " font-size: 44px !important; color: red !important; float: left !important }"
        " html { font-size: 62.5%; line-height: 9; text-transform: uppercase; letter-spacing: 1em }"
    )
    portal.pages["/strict.css"] = ("text/css", rules, {})
    policy = (
        f"default-src 'none'; script-src {server.origin}; connect-src {server.origin};"
        " style-src 'self'; require-trusted-types-for 'script'"
    )
    url = portal.page(
        server.tag() * 2,
        head='<link rel="stylesheet" href="/strict.css">' + server.tag(),
        content_security_policy=policy,
    )
    with visit(browser, url) as opened:
        assert opened.page.locator("tiao-wen").count() == 1
        opened.ask(B_PERMIT)
        answer = opened.wait_for(".answer")
        style = "getComputedStyle(element)"
        shown = [
            answer.evaluate(f"element => {style}.{name}")
            for name in ("fontSize", "textTransform", "letterSpacing", "color")
        ]
        assert shown == ["16px", "none", "normal", "rgb(28, 35, 33)"]
        box = opened.panel.bounding_box()
        assert 380 <= box["width"] <= 420
        assert abs(box["x"] + box["width"] - (1280 - 24)) < 2
        assert [c for c in opened.complaints if "favicon" not in c] == []


def test_what_is_asked_and_answered_is_text(browser: Any, server: Server, portal: Portal) -> None:
    with visit(browser, portal.page(server.tag())) as opened:
        opened.ask(f"居住证{ONERROR}有效期最长几年？")
        opened.wait_for(".answer, .refusal")
        assert opened.page.locator("tiao-wen img").count() == 0
        assert ONERROR in opened.page.locator("tiao-wen .you").inner_text()
        assert opened.page.evaluate("window.hacked") is None


def test_offsets_count_code_points(browser: Any, server: Server, portal: Portal) -> None:
    """An answer with characters outside the basic plane: the chips stand where they belong."""
    answer = "𠮷𠮷𠮷[1]说的是[1]。[1]另一句。[2]"
    clause = {"label": "一", "path": ["一、甲"], "paragraph": 2, "item": None}
    citations = [
        {
            "index": index,
            "answer_start": start,
            "answer_end": end,
            "document_id": "a b/c",
            "document_title": "文件",
            "cited_text": "…",
            "start_char_index": 1,
            "end_char_index": 2,
            "clause": clause,
            "url": "/documents/a%20b%2Fc#x",
        }
        for index, start, end in ((1, 0, 13), (2, 16, 20))
    ]
    said = {"answer": answer, "citations": citations, "refusal": None, "answerable": True}
    with visit(browser, portal.page(server.tag(""))) as opened:
        headers = {"access-control-allow-origin": portal.origin}
        opened.page.route("**/v1/ask", lambda route: route.fulfill(json=said, headers=headers))
        opened.ask("问")
        written = opened.wait_for(".answer").inner_text().replace("\u2060", "")
        assert written == "𠮷𠮷𠮷[1]说的是[1]。1另一句。2"
        chip = opened.wait_for(".chip").first
        address = f"{server.origin}/documents/a%20b%2Fc?quote=1-2#x"
        assert chip.get_attribute("href") == address
        assert "一、甲 › 第2款" in opened.wait_for(".sources").inner_text()


def test_it_works_under_a_sub_path(browser: Any, server: Server, portal: Portal) -> None:
    below = Server(f"{server.origin}/policy")
    with visit(browser, portal.page(below.tag())) as opened:
        opened.ask(B_PERMIT)
        chip = opened.wait_for(".chip").first
        assert chip.get_attribute("href").startswith(f"{below.origin}/documents/")
        with opened.page.context.expect_page() as tab:
            chip.click()
        assert _QUOTE in squeeze(tab.value.locator("mark").all_text_contents())
        assert [u for u in opened.requests if u.startswith(f"{server.origin}/v1/")] == []
    with visit(browser, f"{below.origin}/embed?question=第八条讲什么") as opened:
        opened.box.press("Enter")
        opened.wait_for(".answer")


def test_a_phone_is_filled(browser: Any, server: Server, portal: Portal, tmp_path: Path) -> None:
    with visit(browser, portal.page(server.tag()), 390, 844, has_touch=True) as opened:
        opened.ask(B_PERMIT)
        opened.wait_for(".chip")
        box = opened.panel.bounding_box()
        assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, 390, 844)
        assert opened.page.evaluate("document.documentElement.scrollWidth") <= 390
        send = opened.page.locator("tiao-wen .send").bounding_box()
        assert send["y"] + send["height"] <= 844
        opened.page.screenshot(path=tmp_path / "phone.png")
        opened.page.locator("tiao-wen .close").click()
        assert opened.button.is_visible()


def test_dark_and_still_as_the_system_is_and_as_the_page_says(
    browser: Any, server: Server, portal: Portal
) -> None:
    ground = "element => getComputedStyle(element).backgroundColor"
    how = {"color_scheme": "dark", "reduced_motion": "reduce"}
    with visit(browser, portal.page(server.tag()), **how) as opened:
        opened.button.click()
        assert opened.panel.evaluate(ground) == "rgb(22, 27, 25)"
        moving = "element => getComputedStyle(element).animationName"
        assert opened.panel.evaluate(moving) == "none"
    with visit(browser, portal.page(server.tag(theme="light")), **how) as opened:
        opened.button.click()
        assert opened.panel.evaluate(ground) == "rgb(251, 250, 247)"
    themed = "<style>:root { --tiaowen-background: rgb(255, 240, 245) }</style>"
    with visit(browser, portal.page(server.tag(), head=themed), **how) as opened:
        opened.button.click()
        assert opened.panel.evaluate(ground) == "rgb(255, 240, 245)"


def test_the_demonstration_works_in_all_three_ways(browser: Any, server: Server) -> None:
    with visit(browser, f"{server.origin}/demo") as opened:
        page = opened.page
        inline = page.locator("main tiao-wen")
        inline.locator("textarea").press("Enter")
        inline.locator(".chip").first.wait_for(timeout=WAIT)
        framed = page.frame_locator("#framed").locator("tiao-wen")
        framed.locator("textarea").press("Enter")
        framed.locator(".chip").first.wait_for(timeout=WAIT)
        with page.context.expect_page() as tab:
            framed.locator(".chip").first.click()
        assert "/documents/" in tab.value.url
        floating = page.locator("tiao-wen[floating]")
        floating.locator(".open").click()
        floating.locator("textarea").fill(B_PERMIT)
        floating.locator("textarea").press("Enter")
        floating.locator(".chip").first.wait_for(timeout=WAIT)
        snippets = page.locator(".snippet code").all_inner_texts()
        assert len(snippets) == 3
        assert all(f'"{server.origin}/' in snippet for snippet in snippets)
        assert opened.complaints == []
    assert [asked["authorization"] for asked in server.asked] == [None] * 3


def test_the_demonstrations_snippets_work_elsewhere(
    browser: Any, server: Server, portal: Portal
) -> None:
    with visit(browser, f"{server.origin}/demo") as opened:
        snippets = opened.page.locator(".snippet code").all_inner_texts()
    # The frame needs a real key, whose origins frame-ancestors names: test_ui_browser_access.py.
    for snippet in (snippet for snippet in snippets if "<iframe" not in snippet):
        with visit(browser, portal.page(snippet.replace("tws_…", KEY))) as opened:
            place = opened.page
            if place.locator("tiao-wen .open").count():
                place.locator("tiao-wen .open").click()
            box = place.locator("tiao-wen textarea")
            box.fill(box.input_value() or B_PERMIT)
            box.press("Enter")
            place.locator("tiao-wen .chip").first.wait_for(timeout=WAIT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(
    browser: Any, server: Server, portal: Portal, scheme: str, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    how = {"color_scheme": scheme, "reduced_motion": "reduce"}
    with visit(browser, portal.page(server.tag()), width, **how) as opened:
        _assert_clean(axe, opened)
        opened.button.click()
        _assert_clean(axe, opened)
        opened.ask(B_PERMIT)
        opened.wait_for(".chip").first.hover()
        _assert_clean(axe, opened)
        opened.ask("第三十条讲什么")
        opened.wait_for(".refusal")
        opened.ask("")
        opened.failed()
        _assert_clean(axe, opened)
    for path in ("/embed?question=第八条讲什么", "/demo"):
        with visit(browser, server.origin + path, width, **how) as opened:
            box = opened.page.locator("main tiao-wen textarea")
            box.press("Enter")
            opened.page.locator("main tiao-wen .answer").wait_for(timeout=WAIT)
            _assert_clean(axe, opened)


def _assert_clean(axe: Any, opened: Visit) -> None:
    found = axe.Axe().run(opened.page).response["violations"]
    serious = [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]
    assert serious == []
