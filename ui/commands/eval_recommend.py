"""`daogou eval recommend`: how well what is recommended foresees what shoppers choose, of a file of histories or of
simulated shoppers of this shop."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from prompts import say
from ui.commands.door import CommandError, Report
from ui.evals import histories, shoppers
from ui.evals.statistics import spread

if TYPE_CHECKING:
    from agent.assistant import Assistant

SHOPPERS = 600
ABLATIONS = ("one_taste", "no_negatives", "one_average")


def recommend(
    assistant: "Assistant", path: Path | None, count: int | None, seed: int, report: Report, out: Path | None
) -> dict[str, Any]:
    """The figures (see ui/evals/histories.py), every method asked the same. Of simulated shoppers (`path` None) the
    best that anybody could recommend, who knew what they want, stands beside them; the histories go to `out`."""
    from agent.recommenders import open_to

    allowed = open_to(assistant)
    if path is not None:
        every = [one for h in histories.read(path) if (one := histories.asked(h, frozenset(allowed)))][:count]
        best: list[list[str]] | None = None
    else:
        every, best = _simulated(assistant, allowed, count or SHOPPERS, seed, out)
    if not every:
        raise CommandError("no_histories", say("terminal", "errors.no_histories", "en", path=path or "-"))
    rankings, times = _ranked(assistant, every, report)
    if best is not None:
        rankings["knows_all"] = best
    found = histories.figures(every, rankings, "daogou")
    for name, took in times.items():
        found["methods"][name] |= spread(took)
    return {
        "suite": "recommend",
        "file": str(path) if path else None,
        "simulated": path is None,
        "seed": seed if path is None else None,
        "products": len(allowed),
        "events": round(sum(len(one.events) for one in every) / len(every), 2),
        "disliked": round(sum(e.action == "disliked" for one in every for e in one.events) / len(every), 2),
        **found,
        "ablations": [name for name in ABLATIONS if name in found["methods"]],
    }


def _simulated(
    assistant: "Assistant", allowed: Sequence[str], count: int, seed: int, out: Path | None
) -> tuple[list[histories.Asked], list[list[str]]]:
    products = list(assistant.products(allowed))
    if len(products) < histories.K:
        return [], []
    made = shoppers.simulated(products, count, seed)
    every, best = [], []
    for history, worth in made:
        one = histories.asked(history, frozenset(allowed))
        if one is None:
            continue
        touched = {event.product for event in one.events}
        order = (products[int(i)].id for i in np.argsort(-worth, kind="stable"))
        every.append(one)
        best.append([i for i in order if i not in touched][: histories.K])
    if out:
        out.mkdir(parents=True, exist_ok=True)
        text = histories.written(history for history, _ in made)
        (out / "histories.jsonl").write_text(text, encoding="utf-8")
    return every, best


def _ranked(
    assistant: "Assistant", every: Sequence[histories.Asked], report: Report
) -> tuple[dict[str, list[list[str]]], dict[str, list[float]]]:
    from agent.recommenders import Did, recommenders

    methods = recommenders(assistant, histories.popular(every))
    rankings: dict[str, list[list[str]]] = {name: [] for name in methods}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for done, one in enumerate(every, 1):
        did = [Did(event.product, event.action, event.at) for event in one.events]
        for name, method in methods.items():
            start = time.perf_counter()
            rankings[name].append(method(did, histories.K))
            times[name].append((time.perf_counter() - start) * 1000)
        report(done, len(every), "")
    return rankings, times
