"""Which language a visitor reads: the one chosen by hand, or else the browser's."""

from starlette.requests import Request

LANGUAGE_COOKIE = "tiaowen-language"


def wants_english(request: Request) -> bool:
    """Say whether a visitor chose English, or else prefers any language to Chinese."""
    preferred = request.headers.get("accept-language", "zh").strip().lower()
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return chosen == "en" or (chosen is None and not preferred.startswith(("zh", "*")))
