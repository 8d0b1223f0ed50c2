"""What a caller can do wrong.

corpus.errors.TiaowenError
├── BadQuestion          the question or the history cannot be used; the caller's fault
├── BadSettings          a setting holds a value of the wrong kind
├── AccessDenied         a request may not do what it asks for
│   ├── NoCredential     it carries neither key nor token
│   ├── BadKey           its key is unknown, revoked or of the wrong kind
│   ├── BadToken         its session token is not ours, another origin's, or its key was revoked
│   ├── TokenExpired     its session token is too old
│   ├── OutOfScope       its key does not allow this
│   ├── OriginNotAllowed its page is not on the site key's list
│   └── TooManyRequests  there were too many before it
├── BadKeyRequest        a key cannot be made as asked
├── UnknownKey           no key has that id
├── NoKeys               keys would be asked for, and there are none
├── KeysUnavailable      the file of the keys cannot be read or written; our fault
├── ModelUnavailable     the language model did not answer; the pipeline answers without it
│   └── MalformedReply   its answer does not have the form that was agreed on
└── BrokenCitation       an answer would have cited what the source does not say; our fault
"""

from collections.abc import Iterable

from corpus.errors import TiaowenError


class BadQuestion(TiaowenError):
    """The question or the history cannot be used."""


class BadSettings(TiaowenError):
    """A setting holds a value of the wrong kind."""


class BrokenCitation(TiaowenError):
    """An answer would have cited what the source does not say."""


class AccessDenied(TiaowenError):
    """A request may not do what it asks for."""


class NoCredential(AccessDenied):
    """A request carries neither key nor token."""

    def __init__(self) -> None:
        super().__init__("需要密钥：请在请求头里加上 Authorization: Bearer 你的密钥")


class BadKey(AccessDenied):
    """A key is unknown, revoked or of the wrong kind."""


class BadToken(AccessDenied):
    """A session token is not ours, another origin's, or its site key was revoked."""

    def __init__(self) -> None:
        super().__init__(
            "密钥或会话令牌无效：密钥以 tw_ 开头，会话令牌请用 POST /v1/session 重新换取"
        )


class TokenExpired(AccessDenied):
    """A session token is too old."""

    def __init__(self) -> None:
        super().__init__("会话令牌已过期，请用 POST /v1/session 重新换取")


class OutOfScope(AccessDenied):
    """A key does not allow this."""

    def __init__(self, wanted: Iterable[str]) -> None:
        super().__init__(f"这个密钥不能用于此处，需要权限 {' 或 '.join(sorted(wanted))}")


class OriginNotAllowed(AccessDenied):
    """A page is not on the site key's list."""

    def __init__(self, origin: str | None) -> None:
        named = f"网站 {origin} " if origin else "没有说明来源的请求"
        super().__init__(f"{named}不在这个网站密钥的允许名单里，请联系网站管理员")


class TooManyRequests(AccessDenied):
    """There were too many requests; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"请求过于频繁，请 {retry_after} 秒后再试")
        self.retry_after = retry_after


class BadKeyRequest(TiaowenError):
    """A key cannot be made as asked."""


class UnknownKey(TiaowenError):
    """No key has that id."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"没有编号为 {key_id!r} 的密钥，可用 tiaowen keys list 查看")


class NoKeys(TiaowenError):
    """Keys would be asked for, and there are none."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"在 {host or '所有地址'} 上服务需要密钥，但还没有密钥："
            "请先运行 tiaowen keys create --name 名字 --scope ask，"
            "或者加上 --open，表示不用密钥、任何人都可以提问"
        )


class KeysUnavailable(TiaowenError):
    """The file of the keys cannot be read or written."""


class ModelUnavailable(TiaowenError):
    """The language model did not answer: down, slow, refused us, or spoke nonsense."""


class MalformedReply(ModelUnavailable):
    """The language model's answer does not have the form that was agreed on."""
