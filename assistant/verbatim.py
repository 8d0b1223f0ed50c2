"""What a sentence says word for word: quotations, titles, clause numbers. Pure."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from assistant.evidence import Numbered
from assistant.figures import labels
from corpus.model import Span
from index.tokens import fold

QUOTED = re.compile('“([^“”]{2,})”|「([^「」]{2,})」|"([^"]{2,})"|『([^『』]{2,})』')
_TITLE = re.compile("《([^《》]{2,})》")
_ARTICLE = re.compile(r"\barticles?\s+(\d+)", re.IGNORECASE)
_NEAR_QUOTE = 0.8  # least likeness of a fragment in quotation marks to the span put in its place


def with_exact_quotes(text: str, cited: Sequence[Numbered]) -> tuple[str, str]:
    """Put what stands in quotation marks right where the source has nearly the same.

    Returns:
        The text, and what is wrong with it; nothing if all is verbatim.
    """
    sources = [item.text for item in cited]
    named = [name for item in cited for name in (*item.names, *item.address.path)]
    for pattern, known in ((QUOTED, sources), (_TITLE, [*sources, *named])):
        for match in reversed(list(pattern.finditer(text))):
            group = next(i for i, found in enumerate(match.groups(), 1) if found)
            exact = _exact(match[group], [*known, *named])
            if exact is None:
                return text, f"引号里的“{match[group]}”不是原文"
            text = text[: match.start(group)] + exact + text[match.end(group) :]
    return text, ""


def _exact(fragment: str, sources: Sequence[str]) -> str | None:
    """Return the stretch of the sources that a fragment quotes; ``None`` if there is none."""
    tail = re.search("[，。；：,.;:、！？…]*$", fragment)
    wanted = fragment[: tail.start()] if tail else fragment
    rest = fragment[len(wanted) :]
    if any(wanted in source for source in sources):
        return fragment
    best, score = "", 0.0
    for source in sources:
        span = _nearest(wanted, source)
        matcher = SequenceMatcher(None, bare(wanted), bare(span.of(source)), autojunk=False)
        if matcher.ratio() > score:
            best, score = span.of(source), matcher.ratio()
    return best + rest if score >= _NEAR_QUOTE else None


def bare(text: str) -> str:
    """Return a text, folded, without white space and quotation marks: what is compared."""
    return re.sub(r"[\s“”‘’「」\"]", "", fold(text))


def _nearest(wanted: str, source: str) -> Span:
    """Return the stretch of a source from the first to the last character that blocks match."""
    matcher = SequenceMatcher(None, wanted, source, autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size >= 2]
    if not blocks:
        return Span(0, 0)
    anchor = max(blocks, key=lambda block: block.size)
    start = max(0, anchor.b - anchor.a)
    end = min(len(source), anchor.b + len(wanted) - anchor.a)
    near = [b for b in blocks if start - 4 <= b.b and b.b + b.size <= end + 4]
    return Span(min(b.b for b in near), max(b.b + b.size for b in near)) if near else Span(0, 0)


def foreign_label(text: str, cited: Sequence[Numbered]) -> str:
    """Say which clause number of a sentence is not that of what it cites, nor named in it."""
    own = {label for item in cited for label in _labels_of(item)}
    unquoted = QUOTED.sub("", text)
    english = [f"{number}条" for number in _ARTICLE.findall(unquoted)]
    for label in (*labels(unquoted), *english):
        if label not in own:
            return f"条款号与依据不符：{label}"
    return ""


def _labels_of(item: Numbered) -> Iterator[str]:
    yield from labels(item.text)
    for place in (item.address.label, *item.address.path, item.address.item or ""):
        bare = re.split(r"[\s、]", place)[0]
        for label in labels(place) + labels(f"（{bare.strip('（）')}）"):
            number = re.sub(r"\D", "", label)
            yield from (label, f"{number}条", f"({number})")
            yield from (f"{number}{unit}" for unit in ("章", "节", "编", "部分", "项"))
    yield f"{item.address.paragraph}款"
