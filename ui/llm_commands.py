"""``tiaowen prompt`` and ``tiaowen doctor``: what a model is sent, and whether it answers."""

import argparse
import json
import os
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings, default_index

if TYPE_CHECKING:
    from assistant.llm import OpenAIModel

_OK, _FAULT = 0, 1
_HELLO = "只回答两个字：你好"
_HELLO_IN_JSON = '只输出这个 JSON 对象：{"sentences": [{"text": "你好。", "citations": [1]}]}'


def add(commands: Any, add_index: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add both commands to the command line."""
    shown = commands.add_parser("prompt", help="显示一个问题会发给语言模型的全部文字")
    shown.add_argument("question", help="问题")
    add_index(shown)
    shown.set_defaults(run=_prompt)
    checked = commands.add_parser("doctor", help="检查语言模型的设置：是否可用，有多快")
    checked.set_defaults(run=_doctor)


def _prompt(arguments: argparse.Namespace) -> int:
    from assistant.opening import load_searcher  # noqa: PLC0415
    from assistant.pipeline import Assistant  # noqa: PLC0415

    settings = Settings.from_environ(os.environ, index=arguments.index)
    if settings.llm_help:
        _show_rewriting(arguments.question, settings)
    messages = Assistant(load_searcher(settings), settings).prompt(arguments.question)
    for message in messages:
        print(f"=== {message['role']} ===\n{message['content']}\n")
    if messages and settings.llm_structured != "off":
        _show_schema()
    if not messages:
        print("这个问题不用语言模型：按条款号直接引用原文，或者文件里没有答案。")
    return _OK


def _show_schema() -> None:
    from assistant.prompt import schema  # noqa: PLC0415

    print(f"=== response_format ===\n{json.dumps(schema())}\n")
    print("服务器不接受 response_format 时，它和“输出格式”一段都不发送。")


def _show_rewriting(question: str, settings: Settings) -> None:
    from assistant import rewriting  # noqa: PLC0415

    helps = [name for name in settings.llm_help if name != "followup"]  # there is no history
    if helps:
        print("检索之前，请模型改写问题：\n")
        for message in rewriting.messages(question, (), helps):
            print(f"=== {message['role']} ===\n{message['content']}\n")


def _doctor(_: argparse.Namespace) -> int:
    settings = Settings.from_environ(os.environ)
    print(f"索引　　{settings.index or default_index()}")
    print(f"编码器　{settings.encoder or '自带'}")
    if settings.llm_base_url is None:
        print("语言模型　未设置，答案由原文的句子组成")
        print("　　　　　要启用，请设置 TIAOWEN_LLM_BASE_URL 和 TIAOWEN_LLM_MODEL")
        _advise_install()
        return _OK
    key = "已设置" if settings.llm_api_key else "未设置"
    print(f"语言模型　{settings.llm_model}，{settings.llm_base_url}（密钥{key}）")
    print(f"　　　　　最长 {settings.llm_timeout:g} 秒，同时 {settings.llm_concurrency} 个")
    helps = f"{'、'.join(settings.llm_help)}，最长 {settings.llm_help_timeout:g} 秒"
    print(f"　　　　　检索前的改写：{helps if settings.llm_help else '未启用（TIAOWEN_LLM_HELP）'}")
    return _ask_it(settings)


def _advise_install() -> None:
    if find_spec("openai") is None:
        from assistant.llm import install_command  # noqa: PLC0415

        print(f"　　　　　并安装客户端：{install_command()}")


def _ask_it(settings: Settings) -> int:
    from assistant.errors import ModelUnavailable  # noqa: PLC0415
    from assistant.llm import OpenAIModel  # noqa: PLC0415

    model = OpenAIModel(settings)
    try:
        started = time.perf_counter()
        first, reply = 0.0, ""
        for piece in model.complete([{"role": "user", "content": _HELLO}]):
            first = first or time.perf_counter() - started
            reply += piece
        print(f"　　　　　可用：首字 {first:.2f} 秒，全部 {time.perf_counter() - started:.2f} 秒")
        print(f"　　　　　它说：{' '.join(reply.split())[:60]}")
        if model.served not in ("", model.name):
            print(f"　　　　　实际作答的模型：{model.served}，设置的是 {model.name}")
        print(f"　　　　　结构化输出：{_structured(model, settings)}")
        _list(model)
        return _OK
    except ModelUnavailable as error:
        print(f"　　　　　不可用：{error}")
        return _FAULT
    finally:
        model.close()


def _structured(model: "OpenAIModel", settings: Settings) -> str:
    """Say in a few words whether the server holds a reply to a schema.

    Raises:
        ModelUnavailable: It does not answer, or refuses the schema that the settings insist on.
    """
    from assistant.errors import MalformedReply  # noqa: PLC0415
    from assistant.llm import Structure  # noqa: PLC0415
    from assistant.prompt import schema  # noqa: PLC0415
    from assistant.reply import in_form  # noqa: PLC0415

    if settings.llm_structured == "off":
        return "已关闭（TIAOWEN_LLM_STRUCTURED=off）"
    asked = Structure([{"role": "user", "content": _HELLO_IN_JSON}], schema())
    reply = "".join(model.complete_structured([{"role": "user", "content": _HELLO}], asked))
    if not asked.sent:
        return "服务器不支持，改用编号标记"
    try:
        in_form(reply)
    except MalformedReply:
        return "服务器接受，但没有照做；这样的回答按编号标记读，或改用原文"
    return "可用"


def _list(model: Any) -> None:
    from assistant.errors import ModelUnavailable  # noqa: PLC0415

    try:
        names = model.models()
    except ModelUnavailable:  # some servers answer, but list nothing
        return
    if names:
        more = " 等" if len(names) > 8 else ""
        print(f"　　　　　那里有：{'、'.join(names[:8])}{more}")
