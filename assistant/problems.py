"""What is wrong with a request, in Chinese: pydantic's errors, by their type."""

from collections.abc import Mapping, Sequence
from typing import Any

_LOCATED = {"body": "请求体", "query": "查询参数", "path": "地址", "header": "请求头"}
# https://docs.pydantic.dev/latest/errors/validation_errors/; what is not here is simply 不合要求.
_PROBLEMS = {
    "missing": "没有给出",
    "extra_forbidden": "不认识，请删去",
    "string_type": "应为字符串",
    "string_unicode": "不是合法的 UTF-8 文字",
    "string_too_short": "至少 {min_length} 个字符",
    "string_too_long": "最多 {max_length} 个字符",
    "string_pattern_mismatch": "应符合 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字太大",
    "int_from_float": "应为整数",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "list_type": "应为列表",
    "tuple_type": "应为列表",
    "dict_type": "应为 JSON 对象",
    "model_type": "应为 JSON 对象",
    "model_attributes_type": "应为 JSON 对象（Content-Type: application/json）",
    "json_invalid": "不是合法的 JSON",
    "json_type": "不是合法的 JSON",
    "literal_error": "只能是 {expected}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "too_short": "至少 {min_length} 项",
    "too_long": "最多 {max_length} 项",
}


def sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    """Say in one sentence what is wrong first, and where."""
    if not errors:
        return "请求有误，请对照 /docs 修改"
    more = f"（共 {len(errors)} 处）" if len(errors) > 1 else ""
    return f"请求有误：{_where(errors[0])} {problem(errors[0])}{more}，请对照 /docs 修改"


def problem(error: Mapping[str, Any]) -> str:
    """Say what is wrong with one value."""
    context = dict(error.get("ctx") or {})
    if isinstance(said := context.get("error"), ValueError):  # our own validators speak Chinese
        return str(said)
    if "expected" in context:
        context["expected"] = str(context["expected"]).replace(" or ", " 或 ")
    return _PROBLEMS.get(error["type"], "不合要求").format(**context)


def detail(errors: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the same for a program: where, pydantic's type, and what is wrong."""
    return [
        {"where": list(error["loc"]), "type": error["type"], "problem": problem(error)}
        for error in errors
    ]


def _where(error: Mapping[str, Any]) -> str:
    part, *names = error["loc"] or ("body",)
    if error["type"] == "json_invalid":  # its place is a character, not a field
        names = []
    named = ".".join(map(str, names))
    return f"{_LOCATED.get(str(part), part)}里的 {named}" if named else _LOCATED.get(part, part)
