"""A command to copy for every route of the OpenAPI document, made of its own examples."""

import json
import shlex
from typing import Any
from urllib.parse import quote

SERVER = "http://127.0.0.1:8000"


def curl(path: str, method: str, operation: dict[str, Any], schemas: dict[str, Any]) -> str:
    """Return a route called with ``curl``.

    Args:
        path: With its parameters in braces.
        method: In lower case.
        operation: As the OpenAPI document describes it: its parameters have examples.
        schemas: The document's schemas, by name.
    """
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            value = quote(_of(parameter["schema"]), safe="")
            path = path.replace("{" + parameter["name"] + "}", value)
    words = [f"curl -s {SERVER}{path}"]
    if operation.get("security"):
        words.append('-H "Authorization: Bearer $KEY"')
    if method == "post":
        body = json.dumps(_body(operation, schemas), ensure_ascii=False)
        words += ["-H 'Content-Type: application/json'", f"-d {shlex.quote(body)}"]
    return " \\\n  ".join(words)


def _of(described: dict[str, Any]) -> Any:
    return next(iter(described.get("examples", ())), "")


def _body(operation: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return the first example of the body."""
    content = operation["requestBody"]["content"]["application/json"]
    if named := content.get("examples"):
        return next(iter(named.values()))["value"]
    return _of(schemas[content["schema"]["$ref"].rpartition("/")[2]])
