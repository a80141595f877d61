"""Graded queries and how well rankings answer them. Plain functions of plain values.

NDCG has the gain 2^grade - 1 and the discount log2(place + 1) (Burges et al. 2005, Järvelin and Kekäläinen 2002), over
the best ten that the whole catalogue could give. Intervals are percentile bootstraps (Efron 1979) over the queries;
queries that say the same need in other words are drawn together.

BadGrades     a file of graded queries cannot be read; the message names the line
"""

import csv
import json
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log2
from pathlib import Path
from random import Random
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from prompts import language, say
from ui.evals.statistics import rounded

K = 10
DRAWS = 2000
ALIKE = 2  # the grade from which a product counts as relevant, in a file that has such grades
Ranking = Sequence[str]


class BadGrades(Exception):
    code = "bad_grades"


class Graded(BaseModel):
    """A query and the grade of every product that answers it at all; none does where `grades` is empty."""

    query: str = ""
    photo: Path | None = None
    grades: dict[str, int] = {}
    lang: str = ""
    kind: str = ""
    part: str = ""
    need: str = ""

    @model_validator(mode="after")
    def _asks(self) -> "Graded":
        if not self.query.strip() and self.photo is None:
            raise ValueError("neither query nor photo")
        self.lang = self.lang or language.detect(self.query)
        self.grades = {product: grade for product, grade in self.grades.items() if grade > 0}
        return self


class Judged(BaseModel):
    """One line of a file that has a line a judgement: what nothing answers has no product."""

    query: str
    product: str = ""
    grade: int = Field(default=0, ge=0, le=10)
    lang: str = ""
    kind: str = ""
    part: str = ""
    need: str = ""


def read(path: Path, part: str = "") -> list[Graded]:
    """The queries of a file, those of `part` where one is named: JSON Lines of {"query", "grades": {id: grade}} or of
    {"query", "product", "grade"}, or tab-separated query, product, grade with a header. Raises BadGrades."""
    found: list[Graded] = []
    together: dict[str, Graded] = {}
    for number, row in _rows(path):
        if not (row.get("query") or row.get("photo")):
            raise BadGrades(say("terminal", "errors.not_graded", "en", path=path, line=number))
        try:
            if "grades" in row or "photo" in row:
                one = Graded.model_validate(row)
                if one.photo is not None:
                    one.photo = path.parent / one.photo
                found.append(one)
                continue
            judged = Judged.model_validate(row)
            if judged.query not in together:
                about = judged.model_dump(exclude={"product", "grade"})
                found.append(together.setdefault(judged.query, Graded.model_validate(about)))
            if judged.product and judged.grade:
                together[judged.query].grades[judged.product] = judged.grade
        except ValidationError as error:
            first = error.errors()[0]
            at = ".".join(map(str, first["loc"]))
            raise BadGrades(f"{path}:{number}: {at + ': ' if at else ''}{first['msg']}") from error
    chosen = [query for query in found if not part or query.part == part]
    if not chosen:
        raise BadGrades(say("terminal", "errors.no_queries", "en", path=path))
    return chosen


def _rows(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix.lower() in (".tsv", ".csv"):
            reader = csv.DictReader(file, delimiter="," if path.suffix.lower() == ".csv" else "\t")
            for row in reader:
                yield reader.line_num, {name: value for name, value in row.items() if name and value}
            return
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise BadGrades(f"{path}:{number}: {error}") from error
            if not isinstance(row, dict):
                raise BadGrades(f"{path}:{number}: not an object")
            yield number, row


def gain(grades: Iterable[int]) -> float:
    """Discounted cumulative gain of grades in their order."""
    return sum((2**grade - 1) / log2(place + 1) for place, grade in enumerate(grades, 1))


def ndcg(ranking: Ranking, grades: Mapping[str, int], k: int = K) -> float:
    ideal = gain(sorted(grades.values(), reverse=True)[:k])
    return gain(grades.get(product, 0) for product in ranking[:k]) / ideal


def recall(ranking: Ranking, relevant: set[str], k: int = K) -> float:
    return len(relevant & set(ranking[:k])) / len(relevant)


def reciprocal(ranking: Ranking, relevant: set[str], k: int = K) -> float:
    """One over the place of the first relevant product, 0 where there is none among the first k."""
    return next((1 / place for place, p in enumerate(ranking[:k], 1) if p in relevant), 0.0)


def relevant(query: Graded, least: int) -> set[str]:
    """The products that count as found: of grade `least` at least, or the best there are where none is so good."""
    top = min(least, max(query.grades.values()))
    return {product for product, grade in query.grades.items() if grade >= top}


def figures(
    queries: Sequence[Graded], rankings: Mapping[str, Sequence[Ranking]], ours: str, least: int = ALIKE
) -> dict[str, Any]:
    """Figures of each method's rankings (one a query, in order), and how `ours` compares with every other: the ratio
    of the mean NDCG, with its interval over the same draws."""
    answered = [i for i, query in enumerate(queries) if query.grades]
    unanswered = [i for i, query in enumerate(queries) if not query.grades]
    groups: dict[str, list[int]] = {}
    for place, i in enumerate(answered):
        groups.setdefault(queries[i].need or f"#{i}", []).append(place)
    draws = resampled(list(groups.values()))
    gains: dict[str, list[float]] = {}
    methods: dict[str, Any] = {}
    for name, ranked in rankings.items():
        pairs = [(ranked[i], queries[i]) for i in answered]
        gains[name] = [ndcg(r, q.grades) for r, q in pairs]
        wanted = [relevant(q, least) for _, q in pairs]
        measured = {
            "ndcg_at_10": gains[name],
            "recall_at_10": [recall(r, w) for (r, _), w in zip(pairs, wanted, strict=True)],
            "mrr": [reciprocal(r, w) for (r, _), w in zip(pairs, wanted, strict=True)],
            "zero_results": [float(not r) for r, _ in pairs],
        }
        methods[name] = {figure: averaged(values, draws) for figure, values in measured.items()}
        methods[name]["silent_where_nothing_fits"] = averaged(
            [float(not ranked[i]) for i in unanswered], None
        )
        methods[name]["ndcg_by_language"] = _by(gains[name], [queries[i].lang for i in answered])
        methods[name]["ndcg_by_kind"] = _by(gains[name], [queries[i].kind for i in answered])
    return {
        "queries": len(queries),
        "answered": len(answered),
        "nothing_fits": len(unanswered),
        "relevant_from": least,
        "methods": methods,
        "ratio": {
            name: compared(gains[ours], values, draws) for name, values in gains.items() if name != ours
        },
    }


def _by(values: Sequence[float], names: Sequence[str]) -> dict[str, float | None]:
    held: dict[str, list[float]] = {}
    for value, name in zip(values, names, strict=True):
        held.setdefault(name or "-", []).append(value)
    return {name: rounded(statistics.fmean(part)) for name, part in sorted(held.items())}


def resampled(groups: Sequence[Sequence[int]]) -> list[list[int]]:
    """The draws of a bootstrap: places of queries, whole groups at a time, with replacement; always the same ones."""
    random = Random(0)
    return [[i for group in random.choices(groups, k=len(groups)) for i in group] for _ in range(DRAWS)]


def averaged(values: Sequence[float], draws: Sequence[Sequence[int]] | None) -> dict[str, Any]:
    """{"value", "interval", "n"} of a mean; without `draws` each value is drawn by itself."""
    if not values:
        return {"value": None, "interval": [None, None], "n": 0}
    if draws is None:
        draws = resampled([[i] for i in range(len(values))])
    low, high = _interval(draws, lambda drawn: statistics.fmean(values[i] for i in drawn))
    return {"value": rounded(statistics.fmean(values)), "interval": [low, high], "n": len(values)}


def compared(
    ours: Sequence[float], theirs: Sequence[float], draws: Sequence[Sequence[int]]
) -> dict[str, Any]:
    """{"value", "interval", "n"} of the ratio of two means over the same queries."""

    def ratio(drawn: Iterable[int]) -> float:
        at = list(drawn)
        return sum(ours[i] for i in at) / max(sum(theirs[i] for i in at), 1e-9)

    low, high = _interval(draws, ratio)
    return {"value": rounded(ratio(range(len(ours)))), "interval": [low, high], "n": len(ours)}


def _interval(
    draws: Sequence[Sequence[int]], figure: Callable[[Sequence[int]], float]
) -> tuple[float | None, float | None]:
    found = sorted(figure(drawn) for drawn in draws)
    return rounded(found[int(0.025 * len(found))]), rounded(found[int(0.975 * len(found)) - 1])


COLUMNS = ("ndcg_at_10", "recall_at_10", "mrr", "zero_results", "silent_where_nothing_fits")


def table(found: Mapping[str, Any]) -> str:
    """The figures as a table: a row a method, a column a figure with its 95 % interval below the name."""
    rows = [("", *COLUMNS, "ratio", "median_ms")]
    for name, method in found["methods"].items():
        told = [written(method[column]) for column in COLUMNS]
        ratio = found["ratio"].get(name)
        rows.append((name, *told, written(ratio) if ratio else "", str(method.get("median_ms", ""))))
    return aligned(rows)


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of cells in columns as wide as they have to be."""
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, wide, strict=True)).rstrip() for row in rows
    )


def written(figure: Mapping[str, Any]) -> str:
    """A figure with its interval; a dash where nothing was counted."""
    if figure["value"] is None:
        return "—"
    low, high = figure["interval"]
    return f"{figure['value']:.3f} [{low:.3f}, {high:.3f}]"
