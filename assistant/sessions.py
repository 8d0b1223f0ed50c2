"""Session tokens: what a page gets for its site key, signed, for half an hour, for its origin."""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from assistant.errors import BadKey, BadToken, OriginNotAllowed, TokenExpired
from assistant.keys import Key, KeyStore

LIFETIME = 1800  # seconds

Clock = Callable[[], float]


@dataclass(frozen=True)
class Session:
    """A token that was found good: its own id and the site key behind it."""

    id: str
    key: Key


class Sessions:
    """Makes and checks session tokens; nothing of them is kept.

    Args:
        store: Where the site keys and the signing secret are.
        clock: Seconds since the epoch.
    """

    def __init__(self, store: KeyStore, clock: Clock = time.time) -> None:
        self._store = store
        self._clock = clock

    def open(self, site_key: str, origin: str | None, own: str | None = None) -> str:
        """Exchange a site key for a token.

        Args:
            site_key: As it stands in the page.
            origin: Of the page, as the browser says it; ``None`` if it says none.
            own: Our own origin: /embed asks from it, within frames that the list allows.

        Raises:
            BadKey: There is no such site key (any more).
            OriginNotAllowed: The origin is not on the key's list.
        """
        key = self._store.find(site_key)
        if key is None or not key.site:
            raise BadKey("网站密钥无效或已吊销，请联系网站管理员")
        embedded = origin is not None and origin == own
        if origin not in key.origins and not embedded:
            raise OriginNotAllowed(origin)
        claims = {"key": key.id, "origin": origin, "own": embedded, "id": secrets.token_urlsafe(9)}
        return str(self._serializer().dumps(claims))

    def check(self, token: str, origin: str | None) -> Session:
        """Return the session of a token.

        Raises:
            BadToken: It is none of ours, another origin's, or its site key was revoked.
            TokenExpired: It is too old.
        """
        try:
            claims = self._serializer().loads(token, max_age=LIFETIME)
        except SignatureExpired:
            raise TokenExpired from None
        except (BadData, UnicodeError):
            raise BadToken from None
        key = self._store.get(claims["key"])
        if key is None or origin != claims["origin"]:
            raise BadToken
        if origin not in key.origins and not claims["own"]:
            raise BadToken
        return Session(claims["id"], key)

    def _serializer(self) -> URLSafeTimedSerializer:
        clock = self._clock

        class Signer(TimestampSigner):
            def get_timestamp(self) -> int:
                return int(clock())

        return URLSafeTimedSerializer(
            self._store.signing_secret(),
            salt="tiaowen.session",
            signer=Signer,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )
