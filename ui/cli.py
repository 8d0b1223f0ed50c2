"""``tiaowen ask | serve | build | …``. Heavy imports wait until a command needs them."""

import argparse
import io
import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.settings import Settings, default_feedback, package_version
from corpus.errors import TiaowenError
from ui import build_command, keys, llm_commands, mcp_command

if TYPE_CHECKING:
    from assistant.pipeline import Assistant
    from ui.questions import Question

_OK, _FAULT, _USAGE = 0, 1, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns:
        0 for an answer or a refusal, 1 for a fault on our side, 2 for what the caller got wrong.
    """
    arguments = _parser().parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):  # half a character is shown, not a reason to stop
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return int(arguments.run(arguments))
    except TiaowenError as error:
        print(f"tiaowen: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output went away: nothing is wrong
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _OK


def _exit_code(error: TiaowenError) -> int:
    from assistant.errors import BrokenCitation  # noqa: PLC0415
    from index.errors import IndexFault  # noqa: PLC0415 (the package brings FAISS along)

    return _FAULT if isinstance(error, IndexFault | BrokenCitation) else _USAGE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tiaowen", description="问政策文件，得到附条款出处的答案。"
    )
    parser.add_argument("--version", action="version", version=f"tiaowen {package_version()}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_ask(commands.add_parser("ask", help="回答一个问题，或一份问题集"))
    _add_serve(commands.add_parser("serve", help="启动网页、API 和对话页面"))
    build_command.add(commands.add_parser("build", help="把文件建成索引"), _add_index)
    _add_documents(commands.add_parser("documents", help="列出索引里的文件"))
    _add_feedback(commands.add_parser("feedback", help="导出读者的反馈"))
    agents = commands.add_parser("mcp", help="为智能体服务：MCP 协议，经标准输入输出")
    _add_index(agents)
    agents.set_defaults(run=mcp_command.run)
    keys.add(commands.add_parser("keys", help="管理密钥：谁可以提问"))
    llm_commands.add(commands, _add_index)
    return parser


def _add_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--index", type=Path, metavar="DIR", help="索引文件夹（默认：用户缓存里自带文件的索引）"
    )


def _add_ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", help="问题")
    parser.add_argument("--questions", metavar="FILE", help="问题集（JSONL；- 为标准输入）")
    parser.add_argument("--json", action="store_true", help="输出与 POST /v1/ask 相同的 JSON")
    parser.add_argument(
        "--document", action="append", metavar="ID", help="只在这份文件里找（可重复）"
    )
    parser.add_argument("--top-k", type=int, metavar="N", help="列出多少条依据（1–50）")
    _add_index(parser)
    parser.set_defaults(run=_ask)


def _add_serve(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="监听地址（默认 127.0.0.1）")
    parser.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    parser.add_argument("--workers", type=int, metavar="N", help="并行的进程数（默认 1）")
    parser.add_argument(
        "--root-path", metavar="PATH", help="代理把我们放在哪个路径下，例如 /policy"
    )
    parser.add_argument(
        "--open", action="store_true", help="不用密钥：任何能连上的人都可以提问（默认仅本机不用）"
    )
    _add_index(parser)
    parser.set_defaults(run=_serve)


def _add_documents(parser: argparse.ArgumentParser) -> None:
    _add_index(parser)
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=_documents)


def _add_feedback(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    exported = commands.add_parser("export", help="每行一个问题（JSONL），写到标准输出")
    exported.add_argument("--rating", choices=("up", "down"), help="只要有帮助的，或没有帮助的")
    exported.add_argument(
        "--cases", action="store_true", help="写成问题集的格式，供人工核对后并入 evals/questions"
    )
    exported.set_defaults(run=_export_feedback)


def _open(arguments: argparse.Namespace) -> "Assistant":
    from assistant.opening import load_assistant  # noqa: PLC0415

    top_k = getattr(arguments, "top_k", None)
    return load_assistant(Settings.from_environ(os.environ, index=arguments.index, top_k=top_k))


def _ask(arguments: argparse.Namespace) -> int:
    from ui.questions import Question, read_questions  # noqa: PLC0415

    if (arguments.question is None) == (arguments.questions is None):
        raise TiaowenError('请给出一个问题，或用 --questions FILE 给出问题集：tiaowen ask "…"')
    if arguments.questions is None:
        assistant = _open(arguments)
        print(_answered(assistant, Question(arguments.question), arguments))
        return _OK
    return _ask_all(read_questions(arguments.questions), arguments)


def _ask_all(questions: "Sequence[Question]", arguments: argparse.Namespace) -> int:
    from tqdm import tqdm  # noqa: PLC0415

    assistant = _open(arguments)
    code = _OK
    for asked in tqdm(questions, unit="题", file=sys.stderr, disable=None):
        try:
            print(_answered(assistant, asked, arguments))
        except TiaowenError as error:  # recorded in its place; the rest is still answered
            code = max(code, _exit_code(error))
            print(_failed(asked, error, arguments))
    return code


def _answered(assistant: "Assistant", asked: "Question", arguments: argparse.Namespace) -> str:
    from assistant.api.schemas import AskResponse  # noqa: PLC0415
    from ui.terminal import to_terminal  # noqa: PLC0415

    documents = arguments.document or asked.documents
    outcome = assistant.ask(asked.text, asked.history, documents)
    if arguments.json:
        response = AskResponse.from_domain(outcome).model_dump(mode="json")
        return _line(asked, response)
    head = f"# {asked.text}\n" if asked.id is not None else ""
    return head + to_terminal(outcome, assistant.library) + ("\n" if head else "")


def _failed(asked: "Question", error: TiaowenError, arguments: argparse.Namespace) -> str:
    from assistant.api.errors import classify  # noqa: PLC0415

    if arguments.json:
        body = {"code": classify(error)[1], "message": str(error), "detail": None}
        return _line(asked, {"error": body})
    return f"# {asked.text}\n{error}\n"


def _line(asked: "Question", values: dict[str, Any]) -> str:
    named = {"question_id": asked.id} if asked.id is not None else {}
    return json.dumps(named | values, ensure_ascii=False)


def _serve(arguments: argparse.Namespace) -> int:
    _check_address(arguments.host, arguments.port)
    from assistant.access import settle  # noqa: PLC0415
    from ui.server import serve  # noqa: PLC0415

    settings = Settings.from_environ(
        os.environ,
        index=arguments.index,
        workers=arguments.workers,
        root_path=arguments.root_path,
    )
    settings = settle(settings, arguments.host, arguments.open)
    print(
        f"http://{arguments.host}:{arguments.port}/ 对话　/docs 接口　（Ctrl+C 停止）", flush=True
    )
    serve(settings, arguments.host, arguments.port)
    return _OK


def _check_address(host: str, port: int) -> None:
    """Say so at once if the port is taken, before seconds of loading."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise TiaowenError(
            f"无法监听 {host}:{port}（{error}），请换一个 --host 或 --port"
        ) from None


def _export_feedback(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict  # noqa: PLC0415

    from assistant.feedback import FeedbackStore, as_case  # noqa: PLC0415

    settings = Settings.from_environ(os.environ)
    store = FeedbackStore(settings.feedback or default_feedback())
    for number, feedback in enumerate(store.read(arguments.rating), 1):
        row = as_case(feedback, number) if arguments.cases else asdict(feedback)
        print(json.dumps(row, ensure_ascii=False))
    return _OK


def _documents(arguments: argparse.Namespace) -> int:
    from assistant.api.schemas import DocumentOut  # noqa: PLC0415

    library = _open(arguments).library
    listed = [DocumentOut.from_domain(d, library.outline(d.id)) for d in library]
    if arguments.json:
        print(json.dumps([d.model_dump(mode="json") for d in listed], ensure_ascii=False))
        return _OK
    for found in listed:
        facts = "，".join(str(fact) for fact in (found.issuer, found.year) if fact)
        size = f"{found.characters} 字" if not facts else f"{facts}，{found.characters} 字"
        print(f"{found.id}\n    {found.title}\n    {size}")
    return _OK


if __name__ == "__main__":
    sys.exit(main())
