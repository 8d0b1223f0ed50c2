"""The Gradio chat: the conversation, and beside it the cited clauses with their quotes marked."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Answer
from assistant.pipeline import Assistant
from assistant.question import MAX_HISTORY, Turn
from assistant.settings import Settings
from corpus.errors import TiaowenError
from corpus.model import Clause
from ui import render

CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_FONTS = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "system-ui", "sans-serif"]
_EMPTY = '<p class="tw-hint">回答引用的条款会显示在这里，引文高亮。</p>'
_EXAMPLES = 4
_SHORT = 22  # a longer heading makes no readable example (characters)


def theme() -> gr.themes.Base:
    """Return a quiet theme of local fonts: no request leaves the machine."""
    quiet = gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=_FONTS, font_mono=["monospace"]
    )
    return quiet.set(  # Gradio's own grey is too faint to read
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
    )


def build_page(assistant: Assistant, settings: Settings) -> gr.Blocks:
    """Return the chat page of an assistant; nothing of a visit is kept on the server."""
    names = "、".join(f"《{document.name}》" for document in assistant.documents[:3])
    names += "等" if len(assistant.documents) > 3 else ""
    with gr.Blocks(title="条问", analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_header(names), elem_classes="tw-head")
        with gr.Row(equal_height=False, elem_classes="tw-panes"):
            with gr.Column(scale=3, min_width=320):
                clauses = gr.HTML(_EMPTY, elem_classes="tw-clauses", render=False)
                gr.ChatInterface(
                    fn=_handler(assistant),
                    chatbot=gr.Chatbot(
                        height="60vh",
                        show_label=False,
                        buttons=["copy"],
                        layout="bubble",
                        placeholder="问文件里的事，答案附条款原文。",
                        elem_classes="tw-chat",
                    ),
                    textbox=gr.Textbox(
                        placeholder="请输入问题",
                        show_label=False,
                        container=False,
                        max_length=settings.max_question,
                        submit_btn="提问",
                    ),
                    additional_outputs=[clauses],
                    examples=examples(assistant),
                    flagging_mode="never",
                    stop_btn=False,
                    api_visibility="private",
                )
            with gr.Column(scale=2, min_width=300):
                clauses.render()
    return page


def examples(assistant: Assistant) -> list[str]:
    """Return questions to begin with, made of the documents' own headings."""
    headings = [
        clause.heading.of(document.text).strip("。 ")
        for document in assistant.documents
        for path in assistant.library.outline(document.id).walk()
        if _asks_well(clause := path[-1]) and clause.heading
    ]
    step = max(1, len(headings) // _EXAMPLES)
    return [f"{heading}，文件怎么说？" for heading in headings[::step][:_EXAMPLES]]


def _asks_well(clause: Clause) -> bool:
    return bool(clause.heading) and not clause.children and 6 <= len(clause.heading or "") <= _SHORT


def _handler(assistant: Assistant) -> Any:
    """Return the chat function: ask, render, nothing else."""

    def answer(message: str, history: list[dict[str, Any]]) -> tuple[str, str]:
        try:
            outcome = assistant.ask(message, turns(history))
        except TiaowenError as error:
            return render.notice(str(error)), _EMPTY
        html = render.to_html(outcome, assistant.library)
        beside = _EMPTY
        if isinstance(outcome, Answer):
            beside = render.cited_clauses(outcome, assistant.library)
        return html, beside

    return answer


def turns(history: Sequence[dict[str, Any]]) -> list[Turn]:
    """Return the visitor's earlier questions from Gradio's messages; answers are not needed."""
    return [
        Turn("user", text)
        for message in history
        if message["role"] == "user" and (text := _text(message["content"]))
    ][-MAX_HISTORY:]


def _text(content: Any) -> str:
    """Gradio passes a message's content as a string or as a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if isinstance(part, dict))


def _header(names: str) -> str:
    return (
        "<h1>条问</h1><p>就"
        f"{escape(names)}提问，回答由原文句子组成，并指出所在条款；"
        "文件没有写的，会直接说没有。</p>"
    )
