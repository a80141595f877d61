"""Answers by a model of the hub: BLIP-VQA, or any image-text model."""

from collections.abc import Sequence

from perception import replies
from perception.backends import Question
from perception.hub import generate
from perception.hub.loading import Loaded, check, load
from perception.vqa import Seen
from prompts import load as prompts
from prompts import say

LIMIT = {"blip-vqa": 12, "image-text": 80}  # tokens


class HubQuestions:
    """Loads its model at the first question. Safe to share between threads."""

    def __init__(self, name: str, device: str = "auto") -> None:
        self.name, self._device = name, device

    def check(self) -> None:
        """Find out, without loading it, whether the model is there and fits. Raises HubError."""
        check(self.name, "questions")

    def warm(self) -> None:
        """Load the model now. Raises HubError."""
        load(self.name, "questions", self._device)

    def answers(self, questions: Sequence[Question], lang: str) -> list[Seen | None]:
        """An answer in `lang` to each; None for a question that this model cannot be asked. Raises HubError."""
        loaded = load(self.name, "questions", self._device)
        words = [_words(q, loaded, lang) if replies.askable(q.asked) else None for q in questions]
        asked = [(q, w) for q, w in zip(questions, words, strict=True) if w]
        images, texts = [q.image for q, _ in asked], [w for _, w in asked]
        ask = generate.from_questions if loaded.kind == "blip-vqa" else generate.from_prompts
        said = iter(ask(loaded, images, texts, LIMIT[loaded.kind]))
        out: list[Seen | None] = []
        for question, put in zip(questions, words, strict=True):
            if not put:
                out.append(None)
                continue
            one = next(said)
            value = replies.read(question.asked, one.text)
            out.append(replies.seen(question.asked, value, one.text, one.confidence, lang))
        return out


def _words(question: Question, loaded: Loaded, lang: str) -> str | None:
    """What the model is asked: the shopper's words where it reads them, else the question as it was understood."""
    if loaded.kind == "image-text" and generate.talks(loaded):
        own = question.text or replies.understood(question.asked)
        return say("plugged", "question.ask", lang, question=own) if own else None
    if question.asked.kind == "unknown":
        return None  # these answer anything at all, also what was no question
    text = question.text if question.text.isascii() else ""
    own = text or (None if question.asked.at else replies.understood(question.asked))
    if own and loaded.kind == "image-text":
        return str(prompts("plugged")["question"]["plain"]).format(question=own)
    return own
