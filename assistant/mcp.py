"""What an agent can do over the Model Context Protocol: ask, search, read; documents as resources.

Knows no transport: ``ui.mcp_command`` speaks it over stdio, ``assistant.api.mcp_http`` over HTTP.
Every tool returns text for a reader and the same, structured, for a program.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

import anyio.to_thread
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from assistant.api.schemas import ClauseList, SearchResponse
from assistant.mcp_tools import AskArguments, AskResult, ReadArguments, SearchArguments, Tools
from assistant.pipeline import Assistant
from assistant.problems import problem
from assistant.settings import Settings, package_version
from corpus.errors import TiaowenError, UnknownDocument
from corpus.model import Document

_LOG = logging.getLogger("tiaowen.mcp")
_SCHEME = "tiaowen://documents/"
_NAMED = 20  # documents named in the instructions; all are resources
_INSTRUCTIONS = """\
Answers questions from Chinese policy documents with citations checked character by character.
ask_document answers or refuses: a refusal means that the documents do not say it. \
search_clauses finds passages; read_clause reads a clause in full. Quote `cited_text` as it stands \
and name its clause. Documents: """


@dataclass(frozen=True)
class _Entry:
    """A tool as it is listed, and what runs it."""

    tool: Tool
    arguments: type[BaseModel]
    call: Callable[[Any, str], tuple[str, BaseModel]]


def create_mcp_server(assistant: Assistant, settings: Settings) -> Server[Any]:
    """Return the server of an assistant: three tools, and its documents as resources."""
    entries = {entry.tool.name: entry for entry in _entries(Tools(assistant, settings))}
    library = assistant.library

    async def list_tools(_: _Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[entry.tool for entry in entries.values()])

    async def call_tool(context: _Context, params: CallToolRequestParams) -> CallToolResult:
        if params.name not in entries:
            raise MCPError(INVALID_PARAMS, f"没有工具 {params.name!r}；现有：{'、'.join(entries)}")
        return await _call(entries[params.name], params.arguments or {}, _base_url(context))

    async def list_resources(_: _Context, __: PaginatedRequestParams | None) -> ListResourcesResult:
        return ListResourcesResult(resources=[_resource(document) for document in library])

    async def list_templates(
        _: _Context, __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=[_TEMPLATE])

    async def read_resource(_: _Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        try:
            document = library.get(unquote(str(params.uri).removeprefix(_SCHEME)))
        except UnknownDocument as error:
            raise MCPError(INVALID_PARAMS, str(error), {"uri": str(params.uri)}) from None
        contents = TextResourceContents(uri=params.uri, text=document.text, mime_type="text/plain")
        return ReadResourceResult(contents=[contents])

    return Server(
        "tiaowen",
        title="条问",
        version=package_version(),
        instructions=_INSTRUCTIONS + _named(assistant.documents),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


_Context = ServerRequestContext[Any, Any]
_TEMPLATE = ResourceTemplate(
    name="document",
    title="文件全文",
    uri_template=_SCHEME + "{document}",
    description="The text of a document by its id.",
    mime_type="text/plain",
)


def _entries(tools: Tools) -> list[_Entry]:
    return [
        _entry("ask_document", "提问", tools.ask_document, AskArguments, AskResult),
        _entry("search_clauses", "查找条款", tools.search_clauses, SearchArguments, SearchResponse),
        _entry("read_clause", "读条款", tools.read_clause, ReadArguments, ClauseList),
    ]


def _entry(
    name: str,
    title: str,
    call: Callable[[Any, str], tuple[str, BaseModel]],
    arguments: type[BaseModel],
    result: type[BaseModel],
) -> _Entry:
    tool = Tool(
        name=name,
        title=title,
        description=" ".join((arguments.__doc__ or "").split()),
        input_schema=arguments.model_json_schema(),
        output_schema=result.model_json_schema(mode="serialization"),
        annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
    )
    return _Entry(tool, arguments, call)


async def _call(entry: _Entry, arguments: dict[str, Any], base_url: str) -> CallToolResult:
    """Run a tool in a thread; whatever goes wrong becomes one sentence for the agent."""
    try:
        read = entry.arguments.model_validate(arguments)
        text, result = await anyio.to_thread.run_sync(entry.call, read, base_url)
    except ValidationError as error:
        return _failed(_problem(entry.tool.name, error))
    except TiaowenError as error:
        return _failed(str(error))
    except Exception:
        _LOG.exception("unexpected error in %s", entry.tool.name)
        return _failed("服务器内部错误，请稍后再试")
    structured = result.model_dump(mode="json")
    return CallToolResult(content=[TextContent(text=text)], structured_content=structured)


def _problem(name: str, error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or "arguments"
    return f"工具 {name} 的参数 {where} 有误（{problem(first)}），请对照它的 inputSchema 修改"


def _failed(message: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=message)], is_error=True)


def _base_url(context: _Context) -> str:
    """Return the server's address for links; empty over stdio, where there is no server."""
    return str(context.request.base_url) if isinstance(context.request, Request) else ""


def _resource(document: Document) -> Resource:
    facts = (document.issuer, document.number, str(document.year or ""))
    return Resource(
        uri=_SCHEME + quote(document.id, safe=""),
        name=document.id,
        title=document.title,
        description=" · ".join(filter(None, facts)) or None,
        mime_type="text/plain",
        size=len(document.text.encode()),
    )


def _named(documents: list[Document]) -> str:
    listed = "、".join(f"{d.id}《{d.name}》" for d in documents[:_NAMED])
    more = len(documents) - _NAMED
    return listed + (f" … {more} more" if more > 0 else "")
