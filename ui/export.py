"""A conversation as a Word document, each citation with its clause."""

import io
import re
from collections.abc import Sequence
from typing import Any

from assistant.plain import place
from ui.conversation import Turn, Writer, address

_ACCENT = (0x0B, 0x6B, 0x5D)  # of links, as on the pages
_NOT_IN_XML = re.compile("[^\t\n -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_docx(turns: Sequence[Turn], writer: Writer, signature: str, base: str = "") -> bytes:
    """Write turns as a .docx file: a heading for each question, the answer, the quotes.

    Args:
        turns: Oldest first.
        writer: Knows what documents are called.
        signature: The last line.
        base: The server's address with its last slash; without it clauses are named, not linked.
    """
    from docx import Document  # noqa: PLC0415 (only when somebody exports)
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import Pt  # noqa: PLC0415

    file = Document()
    for name in ("Normal", "Heading 2", "Quote"):
        style = file.styles[name]
        style.font.name = "Noto Sans CJK SC"
        style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "Noto Sans CJK SC")
    for turn in turns:
        response = turn.response
        file.add_heading(_clean(turn.question), level=2)
        said = response.refusal.message if response.refusal else response.answer
        for line in filter(None, said.split("\n")):
            file.add_paragraph(_clean(line))
        for citation in response.citations:
            where = f"《{writer.name_of(citation)}》{place(citation.clause)}"
            quoted = file.add_paragraph(style="Quote")
            quoted.add_run(_clean(f"[{citation.index}] “{' '.join(citation.cited_text.split())}”"))
            named = quoted.add_run(_clean(f"\n{where}"))
            named.font.size = Pt(9)
            if base:
                _link(quoted, named, address(citation, base))
    file.add_paragraph(_clean(signature)).runs[0].font.size = Pt(8)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _link(paragraph: Any, run: Any, target: str) -> None:
    """Make a run a link, for which python-docx has no call of its own."""
    from docx.opc.constants import RELATIONSHIP_TYPE  # noqa: PLC0415
    from docx.oxml import OxmlElement  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415
    from docx.shared import RGBColor  # noqa: PLC0415

    run.font.underline, run.font.color.rgb = True, RGBColor(*_ACCENT)
    link = OxmlElement("w:hyperlink")
    relation = paragraph.part.relate_to(target, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link.set(qn("r:id"), relation)
    run._r.addprevious(link)
    link.append(run._r)


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return _NOT_IN_XML.sub("", text)
