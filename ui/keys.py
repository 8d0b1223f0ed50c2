"""``tiaowen keys create | list | revoke``: who may ask."""

import argparse
import json
import os
import sys

from assistant.settings import Settings
from corpus.errors import TiaowenError

_SCOPES = ("ask", "documents", "admin")


def add(parser: argparse.ArgumentParser) -> None:
    """Add the commands to their parser."""
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    create = commands.add_parser("create", help="新建密钥；密钥只在这时显示一次")
    create.add_argument("--name", default="", metavar="NAME", help="名字，以便日后认出")
    create.add_argument(
        "--scope", action="append", default=[], choices=_SCOPES, help="能做什么（可重复）"
    )
    create.add_argument("--site", action="store_true", help="网站密钥：公开，只在下列网站有效")
    create.add_argument(
        "--origin", action="append", default=[], metavar="URL", help="允许的网站（可重复）"
    )
    create.set_defaults(run=_create)
    listed = commands.add_parser("list", help="列出密钥")
    listed.add_argument("--json", action="store_true", help="输出 JSON，每行一个")
    listed.set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="吊销密钥，立即生效")
    revoke.add_argument("id", metavar="ID", help="编号，见 tiaowen keys list")
    revoke.set_defaults(run=_revoke)


def _create(arguments: argparse.Namespace) -> int:
    from assistant.access import key_store  # noqa: PLC0415
    from assistant.keys import Scope  # noqa: PLC0415

    if arguments.site and arguments.scope:
        raise TiaowenError("网站密钥只能提问和读文件，不能另给 --scope")
    if arguments.origin and not arguments.site:
        raise TiaowenError("--origin 只用于网站密钥，请加上 --site")
    store = key_store(Settings.from_environ(os.environ))
    if arguments.site:
        made = store.create_site(arguments.name or "网站", arguments.origin)
        said = f"网站密钥，可以写在 {'、'.join(made.key.origins)} 的网页里"
    else:
        made = store.create(arguments.name, map(Scope, arguments.scope))
        said = "请妥善保存，它不会再次显示"
    print(made.text)
    print(f"编号 {made.key.id}：{said}", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from dataclasses import asdict  # noqa: PLC0415

    from assistant.access import key_store  # noqa: PLC0415

    for key in key_store(Settings.from_environ(os.environ)).all():
        if arguments.json:
            values = asdict(key) | {"scopes": sorted(key.scopes), "site": key.site}
            print(json.dumps(values, ensure_ascii=False))
            continue
        state = f"已于 {key.revoked} 吊销" if key.revoked else f"{key.created} 新建"
        allows = "、".join(key.origins or sorted(key.scopes))
        print(f"{key.id}  {key.hint}…  {key.name}  {allows}  {state}")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from assistant.access import key_store  # noqa: PLC0415

    key_store(Settings.from_environ(os.environ)).revoke(arguments.id)
    print(f"已吊销 {arguments.id}", file=sys.stderr)
    return 0
