"""A model's reply → sentences that have been verified, one by one, as they come."""

import re
from collections.abc import Iterator, Sequence

from assistant import prompt
from assistant.answer import Generation
from assistant.errors import MalformedReply, ModelUnavailable
from assistant.evidence import Numbered
from assistant.llm import ChatModel, Structure, StructuringModel
from assistant.question import Query
from assistant.reply import sentences
from assistant.verify import Checked, Likeness, check, strip_markers

_NOTHING = re.compile(
    r"^[\W_]*(?:(?:所给|现有|上述|以上|该|本|政策)?(?:依据|文件|条款|材料|意见)(?:里|中)?(?:都|均|并)?)?"
    r"(?:没有|未)(?:作出|明确)?(?:明确)?(?:的)?(?:规定|提到|涉及|说明|回答|提及)"
)

ALL_DROPPED = "模型写的句子都没有通过核对，改用原文作答"
UNANSWERED = "模型认为所列条款没有回答其余部分"


class Draft:
    """A written answer in the making: iterate over it once for its verified sentences.

    Afterwards ``sentences`` and ``dropped`` are counts, ``refused`` says whether the model found no
    answer, ``fault`` why it stopped, if it did not come to an end.
    """

    def __init__(
        self,
        model: ChatModel,
        query: Query,
        evidence: Sequence[Numbered],
        likeness: Likeness | None = None,
        room: int = 300,
    ) -> None:
        """Take what the answer is written from; nothing is asked before iteration.

        Args:
            model: Who writes.
            query: What is asked.
            evidence: What may be cited.
            likeness: See ``assistant.verify``.
            room: Most characters of all sentences together; the first is kept whatever its length.
        """
        self._model, self._query, self._evidence = model, query, evidence
        self._likeness, self._room = likeness, room
        self._kept: list[str] = []
        self._structure = Structure(
            prompt.messages(query, evidence, structured=True), prompt.schema()
        )
        self.sentences = 0
        self.dropped = 0
        self.refused = False
        self.fault = ""

    def __iter__(self) -> Iterator[Checked]:
        """Ask the model, and yield each sentence that its evidence bears out."""
        try:
            for sentence in sentences(self._reply()):
                checked = self._checked(sentence)
                if checked:
                    yield checked
        except ModelUnavailable as error:
            self.fault = str(error)
            if isinstance(error, MalformedReply) and isinstance(self._model, StructuringModel):
                self._model.distrust_structure()

    def _reply(self) -> Iterator[str]:
        asked = prompt.messages(self._query, self._evidence)
        if isinstance(self._model, StructuringModel):
            return self._model.complete_structured(asked, self._structure)
        return self._model.complete(asked)

    def _checked(self, sentence: str) -> Checked | None:
        bare, numbers = strip_markers(sentence)
        if not re.search(r"\w", bare):
            return None
        if _NOTHING.match(bare) and not numbers:
            self.refused = True
            return None
        self.sentences += 1
        checked = check(sentence, self._evidence, self._query.text, self._likeness)
        room = self._room - sum(map(len, self._kept))
        new = checked.text not in self._kept and (not self._kept or len(checked.text) <= room)
        if checked.fault or not new:
            self.dropped += 1
            return None
        self._kept.append(checked.text)
        return checked

    def generation(self) -> Generation:
        """Return the account of it that the response carries."""
        english, structured = self._query.english, self._structure.sent
        version = prompt.prompt(english=english, structured=structured).version
        return Generation(self.sentences, self.dropped, self._note(), version)

    def _note(self) -> str:
        if self.fault:
            return self.fault + ("，以上是已经核对的部分" if self._kept else "，改用原文作答")
        if not self._kept:
            return "模型认为所列条款没有回答这个问题" if self.refused else ALL_DROPPED
        notes = [f"有 {self.dropped} 句没有通过核对，已删去"] if self.dropped else []
        return "；".join(notes + ([UNANSWERED] if self.refused else []))
