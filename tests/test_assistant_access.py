"""Who may ask: keys at rest, session tokens, what an address to listen on asks for."""

import os
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.access import Access, is_loopback, settle
from assistant.errors import (
    BadKey,
    BadKeyRequest,
    BadToken,
    KeysUnavailable,
    NoCredential,
    NoKeys,
    OriginNotAllowed,
    TokenExpired,
    UnknownKey,
)
from assistant.keys import KeyStore, Scope, read_origin
from assistant.sessions import LIFETIME, Sessions
from assistant.settings import DEFAULT_RATE, Settings

PORTAL = "https://portal.example"
OTHER = "https://other.example"
OWN = "https://tiaowen.example"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "keys.sqlite"


@pytest.fixture
def store(path: Path) -> KeyStore:
    return KeyStore(path)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_key_is_found_by_its_text_only(store: KeyStore) -> None:
    made = store.create("门户", [Scope.ASK])
    assert made.text.startswith("tw_")
    assert len(made.text) == 3 + 43
    assert store.find(made.text) == made.key
    assert store.get(made.key.id) == made.key
    assert store.find(made.text + "x") is None
    assert store.find("") is None
    assert store.find("\ud800") is None
    assert (made.key.name, made.key.scopes, made.key.site) == ("门户", {Scope.ASK}, False)


def test_nothing_in_the_file_gives_a_key_away(store: KeyStore, path: Path) -> None:
    made = [store.create("门户", [Scope.ASK]), store.create_site("网站", [PORTAL])]
    written = path.read_bytes()
    for new in made:
        assert new.text.encode() not in written
        assert new.text[12:].encode() not in written
        assert new.key.hint in new.text[:10]
    assert "门户".encode() in written


@pytest.mark.skipif(os.name == "nt", reason="no permissions of this kind")
def test_the_file_is_its_owners(store: KeyStore, path: Path) -> None:
    store.create("门户", [Scope.ASK])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_keys_are_never_the_same(store: KeyStore) -> None:
    made = [store.create("门户", [Scope.ASK]) for _ in range(20)]
    assert len({new.text for new in made}) == len({new.key.id for new in made}) == 20
    assert store.all() == [new.key for new in made]


def test_a_revoked_key_is_none(store: KeyStore) -> None:
    kept, gone = store.create("甲", [Scope.ASK]), store.create_site("乙", [PORTAL])
    store.revoke(gone.key.id)
    assert store.find(gone.text) is None
    assert store.get(gone.key.id) is None
    assert store.live() == [kept.key]
    assert store.origins() == frozenset()
    first = store.all()[1].revoked
    assert first
    store.revoke(gone.key.id)
    assert store.all()[1].revoked == first


def test_an_unknown_key_cannot_be_revoked(store: KeyStore) -> None:
    with pytest.raises(UnknownKey, match="nothing"):
        store.revoke("nothing")


def test_before_the_first_key_there_is_nothing_and_no_file(store: KeyStore, path: Path) -> None:
    assert store.all() == []
    assert store.find("tw_x") is None
    assert store.origins() == frozenset()
    assert not path.exists()


def test_two_processes_share_one_file(path: Path) -> None:
    one, two = KeyStore(path), KeyStore(path)
    made = one.create_site("网站", [PORTAL])
    assert two.find(made.text) == made.key
    assert one.signing_secret() == two.signing_secret()
    assert len(one.signing_secret()) == 32
    secret = one.signing_secret()
    two.create("又一个", [Scope.ADMIN])
    assert one.signing_secret() == secret
    two.revoke(made.key.id)
    assert one.find(made.text) is None


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[2J"])
def test_a_key_needs_a_name_that_can_be_read(store: KeyStore, name: str) -> None:
    with pytest.raises(BadKeyRequest, match="--name"):
        store.create(name, [Scope.ASK])


def test_a_key_needs_a_scope_and_a_site_key_an_origin(store: KeyStore) -> None:
    with pytest.raises(BadKeyRequest, match="--scope"):
        store.create("门户", [])
    with pytest.raises(BadKeyRequest, match="--origin"):
        store.create_site("门户", [])


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://portal.example", PORTAL),
        ("HTTPS://Portal.Example/", PORTAL),
        ("https://portal.example:443", PORTAL),
        ("http://portal.example:80", "http://portal.example"),
        ("https://portal.example:8443", "https://portal.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("https://例子.中国", "https://xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, origin: str) -> None:
    assert read_origin(text) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "null",
        "portal.example",
        "https://",
        "https://*.example",
        "https://portal.example/path",
        "https://portal.example?x=1",
        "https://portal.example#x",
        "https://me@portal.example",
        "https://portal.example:port",
        "https://portal.example; script-src *",
        "https://portal .example",
        "ftp://portal.example",
        "javascript:alert(1)",
        "https://a..example",
        "https://[::1",
    ],
)
def test_what_is_no_origin_is_named(text: str) -> None:
    with pytest.raises(BadKeyRequest) as caught:
        read_origin(text)
    assert repr(text) in str(caught.value)


def test_a_damaged_file_is_named(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"no database" * 100)
    store = KeyStore(path)
    for call in (store.all, lambda: store.find("x"), lambda: store.create("x", [Scope.ASK])):
        with pytest.raises(KeysUnavailable, match=r"keys\.sqlite"):
            call()


def test_a_file_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeysUnavailable, match=r"keys\.sqlite"):
        KeyStore(tmp_path / "file" / "keys.sqlite").create("x", [Scope.ASK])


def test_a_site_key_is_exchanged_for_a_token(store: KeyStore, clock: Clock) -> None:
    made = store.create_site("网站", [PORTAL, OTHER])
    sessions = Sessions(store, clock)
    token = sessions.open(made.text, PORTAL)
    assert made.text not in token
    session = sessions.check(token, PORTAL)
    assert session.key == made.key
    assert sessions.check(sessions.open(made.text, PORTAL), PORTAL).id != session.id


def test_every_worker_takes_the_tokens_of_every_other(path: Path, clock: Clock) -> None:
    made = KeyStore(path).create_site("网站", [PORTAL])
    token = Sessions(KeyStore(path), clock).open(made.text, PORTAL)
    assert Sessions(KeyStore(path), clock).check(token, PORTAL).key == made.key


@pytest.mark.parametrize(
    "origin", [None, "null", "", OTHER, PORTAL + ".evil", "http://portal.example"]
)
def test_an_origin_that_is_not_listed_gets_no_token(store: KeyStore, origin: str | None) -> None:
    made = store.create_site("网站", [PORTAL])
    with pytest.raises(OriginNotAllowed):
        Sessions(store).open(made.text, origin)


def test_only_a_live_site_key_gets_a_token(store: KeyStore) -> None:
    key, site = store.create("门户", [Scope.ASK]), store.create_site("网站", [PORTAL])
    sessions = Sessions(store)
    store.revoke(site.key.id)
    for text in (key.text, site.text, "tws_guess", ""):
        with pytest.raises(BadKey):
            sessions.open(text, PORTAL)


def test_a_stolen_token_is_of_no_use_elsewhere(store: KeyStore, clock: Clock) -> None:
    sessions = Sessions(store, clock)
    # Not even on another page that the key allows.
    token = sessions.open(store.create_site("网站", [PORTAL, OTHER]).text, PORTAL)
    for origin in (OTHER, "https://evil.example", "null", "", None):
        with pytest.raises(BadToken):
            sessions.check(token, origin)


def test_our_own_page_in_a_frame_gets_a_token_for_our_origin_alone(
    store: KeyStore, clock: Clock
) -> None:
    site = store.create_site("网站", [PORTAL])
    sessions = Sessions(store, clock)
    token = sessions.open(site.text, OWN, OWN)
    assert sessions.check(token, OWN).key == site.key
    for origin in (PORTAL, OTHER, "null", "", None):
        with pytest.raises(BadToken):
            sessions.check(token, origin)
    listed = sessions.open(site.text, PORTAL, OWN)
    assert sessions.check(listed, PORTAL).key == site.key
    with pytest.raises(BadToken):
        sessions.check(listed, OWN)


@pytest.mark.parametrize(
    ("origin", "own"),
    [
        (OTHER, OWN),
        (None, OWN),
        (None, None),  # no origin is not ours, whatever we are called
        ("", OWN),
        ("null", OWN),
        (OWN, None),
        (OWN + ":8443", OWN),
        (OWN + "/", OWN),
        (OWN + ".evil.example", OWN),
        (OWN.replace("https", "http"), OWN),
    ],
)
def test_only_our_very_own_origin_needs_no_listing(
    store: KeyStore, origin: str | None, own: str | None
) -> None:
    site = store.create_site("网站", [PORTAL])
    with pytest.raises(OriginNotAllowed):
        Sessions(store).open(site.text, origin, own)


def test_our_own_page_needs_a_live_site_key_too(store: KeyStore) -> None:
    key, site = store.create("门户", [Scope.ASK]), store.create_site("网站", [PORTAL])
    sessions = Sessions(store)
    token = sessions.open(site.text, OWN, OWN)
    store.revoke(site.key.id)
    for text in (key.text, site.text, "tws_guess"):
        with pytest.raises(BadKey):
            sessions.open(text, OWN, OWN)
    with pytest.raises(BadToken):
        sessions.check(token, OWN)


def test_a_token_of_our_own_page_expires(store: KeyStore, clock: Clock) -> None:
    sessions = Sessions(store, clock)
    token = sessions.open(store.create_site("网站", [PORTAL]).text, OWN, OWN)
    clock.now += LIFETIME + 1
    with pytest.raises(TokenExpired):
        sessions.check(token, OWN)


def test_a_token_expires(store: KeyStore, clock: Clock) -> None:
    sessions = Sessions(store, clock)
    token = sessions.open(store.create_site("网站", [PORTAL]).text, PORTAL)
    clock.now += LIFETIME
    assert sessions.check(token, PORTAL)
    clock.now += 1
    with pytest.raises(TokenExpired):
        sessions.check(token, PORTAL)


def test_a_token_ends_with_its_site_key(store: KeyStore, clock: Clock) -> None:
    site = store.create_site("网站", [PORTAL])
    sessions = Sessions(store, clock)
    token = sessions.open(site.text, PORTAL)
    store.revoke(site.key.id)
    with pytest.raises(BadToken):
        sessions.check(token, PORTAL)


def test_a_token_cannot_be_altered(store: KeyStore, tmp_path: Path) -> None:
    sessions = Sessions(store)
    token = sessions.open(store.create_site("网站", [PORTAL]).text, PORTAL)
    elsewhere = KeyStore(tmp_path / "elsewhere.sqlite")
    foreign = Sessions(elsewhere).open(elsewhere.create_site("x", [PORTAL]).text, PORTAL)
    middle = len(token) // 2
    swapped = "A" if token[middle] != "A" else "B"
    altered = token[:middle] + swapped + token[middle + 1 :]
    for bad in (foreign, altered, token[:-1], token + "A", "", "a.b.c", "…", "\ud800"):
        with pytest.raises(BadToken):
            sessions.check(bad, PORTAL)


def test_callers_are_told_by_their_credential(store: KeyStore) -> None:
    key, site = store.create("门户", [Scope.ADMIN]), store.create_site("网站", [PORTAL])
    sessions = Sessions(store)
    access = Access(store, sessions)
    holder = access.identify(f"Bearer {key.text}", None)
    assert (holder.key_id, holder.scopes, holder.session_id) == (key.key.id, {Scope.ADMIN}, None)
    page = access.identify(f"bearer  {sessions.open(site.text, PORTAL)} ", PORTAL)
    assert page.key_id == site.key.id
    assert page.scopes == {Scope.ASK, Scope.DOCUMENTS}
    assert page.session_id


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, NoCredential),
        ("", NoCredential),
        ("Bearer", NoCredential),
        ("Bearer   ", NoCredential),
        ("Basic dXNlcjpwYXNz", NoCredential),
        ("Bearer tw_guess", BadKey),
        ("Bearer tws_guess", BadKey),
        ("Bearer guess", BadToken),
    ],
)
@pytest.mark.parametrize("empty", [True, False])
def test_what_is_no_credential(
    store: KeyStore, header: str | None, error: type[Exception], empty: bool
) -> None:
    if not empty:
        store.create_site("网站", [PORTAL])
    with pytest.raises(error):
        Access(store, Sessions(store)).identify(header, PORTAL)


def test_a_site_key_itself_opens_nothing(store: KeyStore) -> None:
    site = store.create_site("网站", [PORTAL])
    with pytest.raises(BadKey, match="/v1/session"):
        Access(store, Sessions(store)).identify(f"Bearer {site.text}", PORTAL)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.1", "no such host"])
def test_not_loopback(host: str) -> None:
    assert not is_loopback(host)


def test_keys_are_asked_for_beyond_this_machine(path: Path) -> None:
    KeyStore(path).create("门户", [Scope.ASK])
    settings = Settings(keys=path)
    here, beyond = settle(settings, "127.0.0.1"), settle(settings, "0.0.0.0")
    assert (here.auth, here.rate) == ("off", "off")
    assert (beyond.auth, beyond.rate) == ("on", DEFAULT_RATE)
    assert settle(Settings(keys=path, auth="on"), "127.0.0.1").auth == "on"
    assert settle(Settings(keys=path, rate="5/second"), "127.0.0.1").rate == "5/second"


def test_a_public_address_without_keys_is_refused_unless_told_so(path: Path) -> None:
    settings = Settings(keys=path)
    with pytest.raises(NoKeys, match=r"tiaowen keys create.*--open"):
        settle(settings, "0.0.0.0")
    opened = settle(settings, "0.0.0.0", openly=True)
    assert (opened.auth, opened.rate) == ("off", DEFAULT_RATE)
    assert settle(Settings(keys=path, auth="off"), "0.0.0.0").auth == "off"


@pytest.mark.parametrize(
    ("host", "given", "check", "hosts"),
    [
        ("127.0.0.1", Settings(), "on", ("127.0.0.1",)),
        ("localhost", Settings(hosts=("portal.example",)), "on", ("portal.example", "localhost")),
        ("127.0.0.1", Settings(host_check="off"), "off", ("127.0.0.1",)),
        ("127.0.0.1", Settings(auth="on"), "off", ("127.0.0.1",)),
        ("0.0.0.0", Settings(auth="off"), "off", ()),
    ],
)
def test_names_are_checked_on_this_machine_without_keys(
    path: Path, host: str, given: Settings, check: str, hosts: tuple[str, ...]
) -> None:
    KeyStore(path).create("门户", [Scope.ASK])
    settled = settle(replace(given, keys=path), host)
    assert (settled.host_check, settled.hosts) == (check, hosts)
    assert Settings.from_environ(settled.to_environ()) == settled


def test_revoked_keys_do_not_count(path: Path) -> None:
    store = KeyStore(path)
    store.revoke(store.create("门户", [Scope.ASK]).key.id)
    with pytest.raises(NoKeys):
        settle(Settings(keys=path), "0.0.0.0")


def test_a_file_of_an_older_kind_is_an_error_of_ours(path: Path) -> None:
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE keys (id TEXT)")
    with pytest.raises(KeysUnavailable):
        KeyStore(path).find("tw_x")
