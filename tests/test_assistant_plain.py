"""Outcomes as text."""

from support import B_PERMIT, shipped_assistant, two_document_assistant

from assistant.plain import to_plain


def test_an_answer_without_an_address_has_no_links() -> None:
    assistant = shipped_assistant()
    said = to_plain(assistant.ask(B_PERMIT), assistant.library)
    assert said.endswith("延长有效期限最高到10年。”")
    assert "http" not in said


def test_links_lead_from_the_given_address() -> None:
    assistant = two_document_assistant()
    outcome = assistant.ask("第三条之一第二款")
    said = to_plain(outcome, assistant.library, "https://policy.example/sub/")
    assert said == (
        "违反前款规定的，退还所收费用。[1]\n\n来源：\n"
        "[1] 《中华人民共和国示范法》第一编 通则 › 第二章 示范 › 第三条之一 › 第2款："
        "“违反前款规定的，退还所收费用。” https://policy.example/sub/documents/law"
        + said.partition("documents/law")[2]
    )
    assert said.partition("documents/law")[2].startswith("?quote=")


def test_a_refusal_without_near_clauses_is_its_message() -> None:
    assistant = shipped_assistant()
    outcome = assistant.ask("你好")
    assert to_plain(outcome, assistant.library) == getattr(outcome, "message", None)
