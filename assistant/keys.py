"""Keys: who may ask. SQLite, digests only; a key's text is shown once, when it is made."""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from assistant.errors import BadKeyRequest, KeysUnavailable, UnknownKey

KEY_PREFIX = "tw_"
SITE_PREFIX = "tws_"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    origins TEXT NOT NULL,
    created TEXT NOT NULL,
    revoked TEXT
);
CREATE TABLE IF NOT EXISTS signing (one INTEGER PRIMARY KEY CHECK (one = 1), secret BLOB NOT NULL);
"""
_INSERT = """
INSERT INTO keys (id, digest, hint, name, scopes, origins, created) VALUES (?, ?, ?, ?, ?, ?, ?)
"""
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\]")
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Scope(StrEnum):
    """What a key allows."""

    ASK = "ask"
    DOCUMENTS = "documents"
    ADMIN = "admin"


@dataclass(frozen=True)
class Key:
    """A key without its text. A *site key* has origins: the pages it may be used from.

    ``hint`` is the beginning of the text; ``created`` and ``revoked`` are ISO 8601 in UTC.
    """

    id: str
    hint: str
    name: str
    scopes: frozenset[Scope]
    origins: tuple[str, ...]
    created: str
    revoked: str | None

    @property
    def site(self) -> bool:
        """Whether this is a site key."""
        return bool(self.origins)


@dataclass(frozen=True)
class NewKey:
    """A key that was just made, with its text, which nothing can bring back."""

    key: Key
    text: str


class KeyStore:
    """Keys in one SQLite file, made with the first key. Safe for several processes.

    Every read opens the file anew, so that a key made or revoked by another process counts at once.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def create(self, name: str, scopes: Iterable[Scope]) -> NewKey:
        """Make a key.

        Raises:
            BadKeyRequest: No name or no scope.
            KeysUnavailable: The file cannot be written; names it.
        """
        chosen = frozenset(scopes)
        if not chosen:
            raise BadKeyRequest(f"请用 --scope 说明这个密钥能做什么：{'、'.join(Scope)}")
        return self._add(KEY_PREFIX, name, chosen, ())

    def create_site(self, name: str, origins: Iterable[str]) -> NewKey:
        """Make a site key: public, of use only to pages of these origins.

        Raises:
            BadKeyRequest: No name, no origin, or one that is no origin; names it.
            KeysUnavailable: The file cannot be written; names it.
        """
        allowed = tuple(dict.fromkeys(map(read_origin, origins)))
        if not allowed:
            raise BadKeyRequest(
                "网站密钥要用 --origin 写明可以嵌入的网站，如 --origin https://portal.example"
            )
        return self._add(SITE_PREFIX, name, frozenset({Scope.ASK, Scope.DOCUMENTS}), allowed)

    def _add(
        self, prefix: str, name: str, scopes: frozenset[Scope], origins: tuple[str, ...]
    ) -> NewKey:
        if not name.strip() or not name.isprintable():
            raise BadKeyRequest("请用 --name 给密钥起一个名字，以便日后认出和吊销")
        text = prefix + secrets.token_urlsafe(32)
        hint, now = text[: len(prefix) + 6], _now()
        key = Key(secrets.token_hex(4), hint, name.strip(), scopes, origins, now, None)
        listed = " ".join(sorted(scopes)), " ".join(origins)
        with self._writing() as connection, connection:
            connection.execute(_INSERT, (key.id, _digest(text), hint, key.name, *listed, now))
        return NewKey(key, text)

    def all(self) -> list[Key]:
        """Return every key, oldest first, the revoked ones too.

        Raises:
            KeysUnavailable: The file cannot be read; names it.
        """
        return [_key(row) for row in self._read("SELECT * FROM keys ORDER BY created, rowid")]

    def live(self) -> list[Key]:
        """Return the keys that are not revoked, oldest first."""
        return [key for key in self.all() if key.revoked is None]

    def find(self, text: str) -> Key | None:
        """Return the key of a text, unless it is unknown or revoked."""
        return self._one("SELECT * FROM keys WHERE digest = ? AND revoked IS NULL", _digest(text))

    def get(self, key_id: str) -> Key | None:
        """Return the key of an id, unless it is unknown or revoked."""
        return self._one("SELECT * FROM keys WHERE id = ? AND revoked IS NULL", key_id)

    def origins(self) -> frozenset[str]:
        """Return every origin that some site key allows."""
        return frozenset(origin for key in self.live() for origin in key.origins)

    def revoke(self, key_id: str) -> None:
        """Make a key useless, at once and for good; again is no error.

        Raises:
            UnknownKey: No key has this id.
            KeysUnavailable: The file cannot be written; names it.
        """
        if not self._read("SELECT id FROM keys WHERE id = ?", key_id):
            raise UnknownKey(key_id)
        with self._writing() as connection, connection:
            command = "UPDATE keys SET revoked = coalesce(revoked, ?) WHERE id = ?"
            connection.execute(command, (_now(), key_id))

    def signing_secret(self) -> bytes:
        """Return what session tokens are signed with, 32 bytes, the same for every process.

        Raises:
            KeysUnavailable: There is no file yet, or it cannot be read; names it.
        """
        rows = self._read("SELECT secret FROM signing")
        if not rows:
            raise KeysUnavailable(f"还没有密钥文件：{self._path}")
        return bytes(rows[0]["secret"])

    def _one(self, query: str, value: str) -> Key | None:
        rows = self._read(query, value)
        return _key(rows[0]) if rows else None

    def _read(self, query: str, *values: str) -> list[sqlite3.Row]:
        if not self._path.is_file():
            return []
        address = f"{self._path.absolute().as_uri()}?mode=ro"
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=1)) as connection:
                connection.row_factory = sqlite3.Row
                return connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise KeysUnavailable(f"无法读取密钥文件 {self._path}：{error}") from None

    def _writing(self) -> "closing[sqlite3.Connection]":
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # For its owner's eyes: whoever reads the secret can sign tokens.
            self._path.touch(mode=0o600)
            connection = sqlite3.connect(self._path, timeout=5)
            connection.executescript(_SCHEMA)
            with connection:
                command = "INSERT OR IGNORE INTO signing (one, secret) VALUES (1, ?)"
                connection.execute(command, (secrets.token_bytes(32),))
        except (OSError, sqlite3.Error) as error:
            raise KeysUnavailable(f"无法写入密钥文件 {self._path}：{error}") from None
        return closing(connection)


def read_origin(text: str) -> str:
    """Return an origin as browsers write it: lower case, no default port, no path.

    Raises:
        BadKeyRequest: It is no origin; names it.
    """
    problem = BadKeyRequest(f"{text!r} 不是网站地址，应形如 https://portal.example，不带路径")
    try:
        parts = urlsplit(text.strip())
        host, port = parts.hostname or "", parts.port
        host = f"[{host}]" if ":" in host else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        raise problem from None
    rest = (parts.path.rstrip("/"), parts.query, parts.fragment, parts.username)
    if parts.scheme not in _DEFAULT_PORTS or any(rest) or not _HOST.fullmatch(host):
        raise problem
    shown = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{shown}"


def _key(row: sqlite3.Row) -> Key:
    return Key(
        id=row["id"],
        hint=row["hint"],
        name=row["name"],
        scopes=frozenset(map(Scope, row["scopes"].split())),
        origins=tuple(row["origins"].split()),
        created=row["created"],
        revoked=row["revoked"],
    )


def _digest(text: str) -> str:
    """Digest a key: 256 random bits need no slow hash."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
