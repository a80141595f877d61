"""Caption metrics: BLEU-1..4 (Papineni et al. 2002), METEOR (Denkowski and Lavie 2014), ROUGE-L (Lin 2004), CIDEr-D
(Vedantam et al. 2015) and SPICE (Anderson et al. 2016), as the COCO caption evaluation computes them (`pycocoevalcap`).

Captions are lower-cased and cut into words without punctuation: English at what is no letter or digit, Chinese with
`rjieba`. A metric that cannot be computed here has no value and a reason, never a zero.

BadCaptions   a file of captions cannot be read; the message names the line
"""

import math
import re
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import rjieba
from pydantic import BaseModel, Field, ValidationError

from prompts import say
from prompts.language import HAN
from ui.evals.statistics import rounded

Scores = tuple[float, list[float]]  # of the whole, of each caption
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_CORENLP = ("stanford-corenlp-3.6.0.jar", "stanford-corenlp-3.6.0-models.jar")


class BadCaptions(Exception):
    code = "bad_captions"


class Unavailable(Exception):
    """A metric cannot be computed here; the message is a key of `unavailable` in prompts/evaluation.yaml."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(say("evaluation", f"unavailable.{why}", "en", **values))


class Captioned(BaseModel):
    """A caption and what people wrote of the same photo."""

    candidate: str
    references: list[str] = Field(min_length=1)


@dataclass(frozen=True)
class _Words:
    """Captions cut into words, each a string with spaces between. `chinese`: some hold Chinese characters."""

    candidates: list[str]
    references: list[list[str]]
    chinese: bool

    def results(self) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
        """(references, candidates) by number, as pycocoevalcap takes them."""
        return dict(enumerate(self.references)), {i: [c] for i, c in enumerate(self.candidates)}


def read(path: Path) -> list[Captioned]:
    """A JSON Lines file of {"candidate", "references": [...]}. Raises BadCaptions."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append(Captioned.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join(map(str, first["loc"]))
            raise BadCaptions(f"{path}:{number}: {at + ': ' if at else ''}{first['msg']}") from error
    if not rows:
        raise BadCaptions(say("terminal", "errors.no_captions", "en", path=path))
    return rows


def words(text: str) -> str:
    """The words of a caption, lower case, without punctuation, one space between."""
    text = text.casefold()
    if HAN.search(text):
        text = " ".join(rjieba.cut(text))
    return " ".join(_WORD.findall(text))


def figures(rows: Sequence[Captioned]) -> dict[str, Any]:
    """{"captions", "tokens", "metrics": {name: value or None}, "unavailable": {name: reason}, "items": [...]}."""
    cut = _Words(
        [words(row.candidate) for row in rows],
        [[words(reference) for reference in row.references] for row in rows],
        any(HAN.search(text) for row in rows for text in (row.candidate, *row.references)),
    )
    metrics: dict[str, float | None] = {}
    unavailable: dict[str, str] = {}
    items: list[dict[str, Any]] = [{"candidate": row.candidate} for row in rows]
    for names, compute in _METRICS.items():
        try:
            found = compute(cut)
        except Unavailable as reason:
            metrics |= dict.fromkeys(names)
            unavailable |= dict.fromkeys(names, str(reason))
            continue
        for name, (whole, each) in zip(names, found, strict=True):
            metrics[name] = rounded(whole)
            for item, score in zip(items, each, strict=True):
                item[name] = rounded(score)
    return {
        "captions": len(rows),
        "references": sum(len(row.references) for row in rows),
        "tokens": "rjieba" if cut.chinese else "words",
        "metrics": metrics,
        "unavailable": unavailable,
        "items": items,
    }


def _package() -> Path:
    spec = find_spec("pycocoevalcap")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable("package")
    return Path(next(iter(spec.submodule_search_locations)))


def _bleu(cut: _Words) -> list[Scores]:
    _package()
    from pycocoevalcap.bleu.bleu import Bleu

    whole, each = Bleu(4).compute_score(*cut.results(), verbose=0)
    return [(float(w), [float(v) for v in e]) for w, e in zip(whole, each, strict=True)]


def _rouge(cut: _Words) -> list[Scores]:
    _package()
    from pycocoevalcap.rouge.rouge import Rouge

    whole, each = Rouge().compute_score(*cut.results())
    return [(float(whole), [float(v) for v in each])]


def _cider(cut: _Words) -> list[Scores]:
    _package()
    if len(cut.candidates) < 2:
        raise Unavailable("several")
    from pycocoevalcap.cider.cider import Cider  # has the clipping and the length penalty of CIDEr-D

    whole, each = Cider().compute_score(*cut.results())
    return [(float(whole), [float(v) for v in each])]


def _java(cut: _Words) -> Path:
    """The package's folder, where what needs Java can run. Raises Unavailable."""
    package = _package()
    if cut.chinese:
        raise Unavailable("english")
    if shutil.which("java") is None:
        raise Unavailable("java")
    return package


def _meteor(cut: _Words) -> list[Scores]:
    _java(cut)
    from pycocoevalcap.meteor.meteor import Meteor

    try:
        whole, each = Meteor().compute_score(*cut.results())
    except (OSError, ValueError) as error:  # the Java process died, or said no number
        raise Unavailable("failed", reason=error) from error
    return [(float(whole), [float(v) for v in each])]


def _spice(cut: _Words) -> list[Scores]:
    folder = _java(cut) / "spice" / "lib"
    if not all((folder / jar).is_file() for jar in _CORENLP):
        raise Unavailable("models", folder=folder)  # else the package would go and download them
    from pycocoevalcap.spice.spice import Spice

    try:
        whole, each = Spice().compute_score(*cut.results())
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise Unavailable("failed", reason=error) from error
    scores = [float(item["All"]["f"]) for item in each]
    if math.isnan(float(whole)) or any(map(math.isnan, scores)):
        raise Unavailable("failed", reason="a caption without a score")
    return [(float(whole), scores)]


_METRICS: dict[tuple[str, ...], Callable[[_Words], list[Scores]]] = {
    ("bleu_1", "bleu_2", "bleu_3", "bleu_4"): _bleu,
    ("meteor",): _meteor,
    ("rouge_l",): _rouge,
    ("cider_d",): _cider,
    ("spice",): _spice,
}
