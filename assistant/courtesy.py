"""Thanks and goodbyes: how they are said, and a short sentence in return."""

import re

from index.tokens import fold

THANKS = (
    "(?:好的?|嗯|ok)?[,，\\s]*(?:非常|十分|太|多)?(?:谢谢|感谢|多谢|谢)(?:谢|你们?|您|啦|了|大家)*|"
    "(?:ok[,\\s]*)?(?:many )?thanks?(?: you)?(?: very much| so much| a lot)?|thx"
)
FAREWELL = "再见|拜拜|回见|bye(?:[ -]?bye)?|good ?bye|see you(?: later| soon)?"
_END = r"[呀啊吗呢吧了~～!！?？。.,，\s]*"
_REPLIES = (
    (
        re.compile(f"(?:{THANKS}){_END}"),
        "不客气，还有问题请直接问。",
        "You're welcome. Ask me whatever else you want to know.",
    ),
    (
        re.compile(f"(?:(?:{THANKS}){_END})?(?:{FAREWELL}){_END}"),
        "再见，有问题随时再来问。",
        "Goodbye. Come back whenever you have a question.",
    ),
)


def reply(text: str) -> str:
    """Return a short sentence in the language of the thanks or goodbye; empty if it is more."""
    folded = fold(text)
    for pattern, chinese, english in _REPLIES:
        if pattern.fullmatch(folded):
            return english if folded.isascii() else chinese
    return ""
