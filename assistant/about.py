"""Questions about a document itself: who issued it, when, its number, since when it is in force.

Answers are lines at the head or the end of the text, quoted. What only the metadata say is told in
a refusal, said to come from there: an answer stands on a quote.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from assistant import compose
from assistant.about_asked import Fact, asked_of
from assistant.question import Turn, is_english
from assistant.quotes import MAX_ANSWER, Quote
from corpus.model import Document, Kind, Span
from corpus.outline import Outline
from corpus.passages import sentences
from corpus.store import Library
from index.tokens import fold


@dataclass(frozen=True)
class Told:
    """What is known: quotes, a note that says what they do not, and what stands above them."""

    quotes: tuple[Quote, ...]
    note: str
    opening: str = ""


_MOST = 3  # documents that are told about at a time
_SPACE = re.compile(r"\s+")
_CN = "〇○零一二三四五六七八九"
_DATE = re.compile(
    r"(?:19|20)\d\d年\d{1,2}月\d{1,2}日|"
    f"[二一][{_CN}]{{3}}年[一二三四五六七八九十]{{1,2}}月[一二三四五六七八九十]{{1,3}}日"
)
_NUMBERED = re.compile(
    r"[\u4e00-\u9fff]{1,16}[〔\[(【](?:19|20)\d\d[〕\])】]第?\d{1,5}号|"
    rf"令\(?第?[{_CN}十百\d]{{1,6}}号"
)
_BODY = (
    "(?:政府|委员会|办公厅|办公室|国务院|人民法院|检察院|大会|公司|集团|大学|学院|"
    "[\u4e00-\u9fff]{2}(?:局|部|厅|院|委|会|处|中心))"
)
_SIGNED = re.compile(rf"(?:[\u4e00-\u9fff、]|\([^()]*\)){{0,40}}{_BODY}(?:文件|令|公告)?")
_ISSUED_BY = re.compile(rf"{_BODY}.*(?:发布|印发|公布|颁布)")
_PASSED_BY = re.compile(f"{_BODY}.*(?:通过|批准)")
_TITLED_BY = re.compile(f"^.{{2,40}}?{_BODY}(?:关于|印发)")
_PUBLISHED = re.compile("发布|印发|公布|颁布|签发")
_PASSED = re.compile("通过|修订|修正|批准")
_VERBS = ("修订", "修正", "批准", "通过")
_FORCE = re.compile(
    r"^(?:本[^,。;]{1,30},?|除[^。;]{2,40},)?(?:[自从于][^,。;]{2,30}|[^,。;]{1,20}之日)起?[^,。;]{0,4}"
    "(?:施行|实施|执行|生效|实行|试行)"
)
_MADE_FOR = re.compile(
    "(?:^|[,。;])(?:为|根据|依据|依照|按照|遵照|结合).*"
    "(?:制定(?:出台)?本|制定[^,。;]{0,12}(?:意见|办法|规定|措施)|(?:提出|制定)(?:如下|以下)|现?(?:提出|制定)本)"
)
_IN_FORCE = re.compile("(?:施行|实施|执行|生效|实行)$")
# Since when it is in force may be said in words that are not looked for.
_OTHERWISE = re.compile(
    "(?<!实)施行|(?:本|此)[^。\n]{0,20}(?:生效|有效期)|起(?:实施|执行|实行|试行)|effect"
)
_VALID = re.compile(
    "(?:本|此)[^,。;]{0,12}有效期|^有效期|(?:施行|实施|执行|生效|试行)[,。;]有效期|"
    "(?:试行|施行|执行)期(?:限)?(?:为|至|[0-9])"
)
_LONGEST = 120  # characters of a line that only names the document, its source or its date
_HEAD, _TAIL = 12, 4  # lines
_LACKING = "《{name}》的正文和元数据都没有写明{fact}。"
_FROM_METADATA = "《{name}》的{fact}：{value}（来自文件的元数据，正文没有写明）"
_LACKING_ENGLISH = "Neither the text nor the metadata of 《{name}》 state its {fact}."
_FROM_METADATA_ENGLISH = (
    "The {fact} of 《{name}》: {value} (from its metadata; the text does not say)"
)
_LAST, _LAST_ENGLISH = "最后一条：", "The last one:"
_ENGLISH = {
    Fact.TITLE: "title",
    Fact.ISSUER: "issuer",
    Fact.DATE: "date",
    Fact.NUMBER: "number",
    Fact.COUNT: "number of clauses",
    Fact.FORCE: "date of effect",
    Fact.PURPOSE: "purpose and legal basis",
    Fact.VALIDITY: "validity",
}


def read(
    question: str, documents: Sequence[Document], library: Library, *, opening: bool
) -> Told | None:
    """Answer a question about a document itself; ``None`` if it asks anything else.

    Args:
        question: As typed.
        documents: That are asked about, at most three.
        library: Where they are from.
        opening: See ``opens``.
    """
    fact = asked_of(question, documents, opening=opening)
    if fact is None or len(documents) > _MOST:
        return None
    quotes: list[Quote] = []
    notes: list[str] = []
    counts: list[str] = []
    for document in documents:
        outline = library.outline(document.id)
        found = _quoted(fact, fold(question), document, outline)
        counted = found and fact is Fact.COUNT  # the last clause does not say how many there are
        said = _stated(fact, question, document, outline) if counted or not found else ""
        quotes += found
        counts += [said] if counted else []
        notes += [] if found else [said or _lacking(fact, question, document)]
    otherwise = any(_OTHERWISE.search(document.text) for document in documents)
    if not quotes and (fact is Fact.PURPOSE or (fact is Fact.FORCE and otherwise)):
        return None
    last = [_LAST_ENGLISH if is_english(question) else _LAST] if counts else []
    return Told(tuple(quotes), "\n".join(notes), "\n".join(counts + last))


def opens(history: Sequence[Turn], documents: Sequence[Document]) -> bool:
    """Say whether 谁发的 can only mean the document: nothing, or that, was asked before."""
    before = [turn.content for turn in history if turn.role == "user"]
    return not before or asked_of(before[-1], documents, opening=True) is not None


def _quoted(fact: Fact, question: str, document: Document, outline: Outline) -> list[Quote]:
    lines = list(_framing(document, outline))
    finder: dict[Fact, Callable[[], list[Span]]] = {
        Fact.TITLE: lambda: _title(document, lines),
        Fact.ISSUER: lambda: _issuer(document, lines),
        Fact.DATE: lambda: _date(question, document, lines),
        Fact.NUMBER: lambda: _number(document, lines),
        Fact.COUNT: lambda: _last(document, outline),
        Fact.FORCE: lambda: _force(document, outline, lines),
        Fact.PURPOSE: lambda: _stating(_MADE_FOR, document, outline)[:1],
        Fact.VALIDITY: lambda: _stating(_VALID, document, outline)[-1:],
    }
    spans = finder[fact]()
    room = MAX_ANSWER // _MOST
    kept = [
        span for n, span in enumerate(spans) if not n or sum(map(len, spans[: n + 1])) < room * 2
    ]
    return [Quote(document.id, span) for span in kept]


def _stated(fact: Fact, question: str, document: Document, outline: Outline) -> str:
    """Say what the metadata or the numbering know; nothing if they do not."""
    if fact is Fact.COUNT:
        return _counted(document, outline)
    published = not _verb(question)  # of the other dates the year of the metadata tells nothing
    values = {
        Fact.TITLE: document.title,
        Fact.ISSUER: document.issuer,
        Fact.DATE: str(document.year or "") if published else "",
        Fact.NUMBER: document.number,
        Fact.FORCE: "",
        Fact.PURPOSE: "",
        Fact.VALIDITY: "",
    }
    if not values[fact]:
        return ""
    words = _FROM_METADATA_ENGLISH if is_english(question) else _FROM_METADATA
    named = _ENGLISH[fact] if is_english(question) else fact
    return words.format(name=document.name, fact=named, value=values[fact])


def _lacking(fact: Fact, question: str, document: Document) -> str:
    if is_english(question):
        return _LACKING_ENGLISH.format(name=document.name, fact=_ENGLISH[fact])
    verb = _verb(question) if fact is Fact.DATE else ""
    return _LACKING.format(name=document.name, fact=f"{verb}时间" if verb else fact)


def _counted(document: Document, outline: Outline) -> str:
    counted = compose.numbering(document, outline)
    chapters = sum(path[-1].kind is Kind.CHAPTER for path in outline.walk())
    more = f"，分 {chapters} 章" if chapters else ""
    return f"{counted}{more}（按条款编号数出）。" if counted else ""


def _last(document: Document, outline: Outline) -> list[Span]:
    """Return the beginning of the last clause."""
    last = outline.lines[-1].address.path
    first = next(line.span for line in outline.lines if line.address.path == last)
    return list(sentences(document.text, first))[:1]


def _verb(question: str) -> str:
    """Return the verb of a date other than that of publication, if one is asked for."""
    return next((verb for verb in _VERBS if verb in question), "")


def _framing(document: Document, outline: Outline) -> Iterator[Span]:
    """Yield the short lines before the first clause and after the last: title, source, date."""
    numbered = [clause.span.start for clause in outline.clauses if clause.kind is not Kind.FRONT]
    body = numbered[0] if numbered else 0
    lines = [Span(*m.span()) for m in re.finditer(r"\S(?:.*\S)?", document.text)]
    head = [line for line in lines if line.end <= body][:_HEAD]
    tail = [line for line in lines if line.start >= body and line not in head][-_TAIL:]
    for line in (*head, *tail):
        text = line.of(document.text)
        if len(line) <= _LONGEST and not text.endswith(("。", "；", "：", "，", ".", ";", ":")):
            yield line


def _plain(span: Span, document: Document) -> str:
    return _SPACE.sub("", fold(span.of(document.text)))


def _title(document: Document, lines: Sequence[Span]) -> list[Span]:
    wanted = _SPACE.sub("", fold(document.title))
    for first in range(len(lines)):
        for last in range(first, min(first + 3, len(lines))):  # a long title is broken
            whole = Span(lines[first].start, lines[last].end)
            if _plain(whole, document) == wanted:
                return [whole]
    return []


def _issuer(document: Document, lines: Sequence[Span]) -> list[Span]:
    """Find who issues: a signature, or a line that says so; else who passed it."""
    titles = _title(document, lines)
    issuer = _SPACE.sub("", fold(document.issuer))
    plain = {line: _plain(line, document) for line in lines}
    tests: list[Callable[[Span], object]] = [
        lambda line: issuer and issuer == plain[line],
        lambda line: _ISSUED_BY.search(plain[line]) and _DATE.search(plain[line]),
        lambda line: line not in titles and _SIGNED.fullmatch(plain[line]),
        lambda line: _PASSED_BY.search(plain[line]) and _DATE.search(plain[line]),
        lambda line: line in titles and _TITLED_BY.search(plain[line]),
    ]
    return next((found for test in tests if (found := [x for x in lines if test(x)][:1])), [])


def _date(question: str, document: Document, lines: Sequence[Span]) -> list[Span]:
    """Find when: lines with a date and the verb that is asked for; else a line that is a date."""
    dated = [line for line in lines if _DATE.search(_plain(line, document))]
    if verb := _verb(question):
        return [line for line in dated if verb in _plain(line, document)]
    for pattern in (_PUBLISHED, _PASSED):
        if found := [line for line in dated if pattern.search(_plain(line, document))]:
            return found
    return [line for line in dated if _DATE.fullmatch(_plain(line, document).strip("()"))][:1]


def _force(document: Document, outline: Outline, lines: Sequence[Span]) -> list[Span]:
    """Find since when it is in force: its last sentence that says so; else a line with a date."""
    stated = _stating(_FORCE, document, outline)
    dated = [x for x in lines if _DATE.match(p := _plain(x, document)) and _IN_FORCE.search(p)]
    return stated[-1:] or dated[:1]


def _stating(pattern: re.Pattern[str], document: Document, outline: Outline) -> list[Span]:
    """Find the sentences that hold a pattern, in order."""
    text = document.text
    spans = [span for line in outline.lines for span in sentences(text, line.span)]
    return [span for span in spans if pattern.search(_plain(span, document))]


def _number(document: Document, lines: Sequence[Span]) -> list[Span]:
    number = _SPACE.sub("", fold(document.number))
    plain = {line: _plain(line, document) for line in lines}
    stated = [line for line in lines if number and number in plain[line]]
    return (stated or [line for line in lines if _NUMBERED.search(plain[line])])[:1]
