"""Who may ask: a credential → a caller; an address to listen on → are credentials needed."""

import ipaddress
import socket
from dataclasses import dataclass, replace

from assistant.errors import BadKey, BadToken, NoCredential, NoKeys
from assistant.keys import KEY_PREFIX, SITE_PREFIX, KeyStore, Scope
from assistant.sessions import Sessions
from assistant.settings import DEFAULT_RATE, Settings, default_keys


@dataclass(frozen=True)
class Caller:
    """Who asks: a key's holder, or a page with a session token of its site key."""

    key_id: str
    scopes: frozenset[Scope]
    session_id: str | None = None


class Access:
    """Tells callers by what they send."""

    def __init__(self, store: KeyStore, sessions: Sessions) -> None:
        self._store = store
        self._sessions = sessions

    def identify(self, authorization: str | None, origin: str | None) -> Caller:
        """Return who sends a request.

        Args:
            authorization: The ``Authorization`` header: ``Bearer`` and a key or a session token.
            origin: Of the page it comes from, if any.

        Raises:
            NoCredential: No header, or another scheme.
            BadKey: The key is unknown or revoked, or a site key, which is to be exchanged first.
            BadToken: No token of ours, another origin's, or its site key was revoked.
            TokenExpired: The token is too old.
        """
        scheme, _, credential = (authorization or "").partition(" ")
        credential = credential.strip()
        if scheme.lower() != "bearer" or not credential:
            raise NoCredential
        if credential.startswith(SITE_PREFIX):
            raise BadKey("网站密钥不能直接使用，请先用 POST /v1/session 换取会话令牌")
        if credential.startswith(KEY_PREFIX):
            return self._holder(credential)
        return self._page(credential, origin)

    def _holder(self, credential: str) -> Caller:
        key = self._store.find(credential)
        if key is None:
            raise BadKey("密钥无效或已吊销，请向管理员索取新的密钥")
        return Caller(key.id, key.scopes)

    def _page(self, token: str, origin: str | None) -> Caller:
        if not self._store.live():  # nor is there anything to check a signature with
            raise BadToken
        session = self._sessions.check(token, origin)
        return Caller(session.key.id, session.key.scopes, session.id)


def key_store(settings: Settings) -> KeyStore:
    """Return the key store of the settings."""
    return KeyStore(settings.keys or default_keys())


def settle(settings: Settings, host: str, openly: bool = False) -> Settings:
    """Decide what ``auto`` means for an address to listen on, and under which names it is ours.

    Args:
        settings: As given.
        host: The address or name.
        openly: Whether it was said that no keys are wanted.

    Returns:
        The settings with ``auth`` and ``host_check`` ``on`` or ``off``, ``rate`` set, and the host
        of a loopback address among ``hosts``.

    Raises:
        NoKeys: Keys would be asked for and there are none; says how to make one.
    """
    public = not is_loopback(host)
    auto = "on" if public else "off"
    auth = "off" if openly else auto if settings.auth == "auto" else settings.auth
    if auth == "on" and not key_store(settings).live():
        raise NoKeys(host)
    rate = settings.rate or (DEFAULT_RATE if public or auth == "on" else "off")
    bare = "off" if public or auth == "on" else "on"
    check = bare if settings.host_check == "auto" else settings.host_check
    own = () if public else (f"[{host}]" if ":" in host else host,)
    hosts = tuple(dict.fromkeys((*settings.hosts, *own)))
    return replace(settings, auth=auth, rate=rate, host_check=check, hosts=hosts)


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address; a name counts by all it stands for."""
    try:
        found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    addresses = [str(sockaddr[0]).partition("%")[0] for *_, sockaddr in found]
    return bool(host) and all(ipaddress.ip_address(a).is_loopback for a in addresses)
