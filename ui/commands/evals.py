"""`daogou eval`: figures as JSON, so that a change can be held against the last one."""

import json
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prompts import say, taxonomy
from ui.commands.door import CommandError, Report, named, read
from ui.evals import labels
from ui.evals.labels import Label, is_category
from ui.evals.statistics import spread

if TYPE_CHECKING:
    from agent.assistant import Assistant

Labelled = tuple[Label, Path]


def each(rows: Sequence[Labelled], report: Report) -> Iterator[tuple[Label, Path, bytes]]:
    """Every labelled photo with its bytes; the progress moves on when the next one is asked for."""
    for done, (label, path) in enumerate(rows, 1):
        yield label, path, path.read_bytes()
        report(done, len(rows), "")


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """A domain error inside is raised again with the photo's name: figures over fewer photos would not be the same."""
    try:
        yield
    except Exception as error:
        if not isinstance(getattr(error, "code", None), str):
            raise
        raise CommandError("labelled_photo", f"{path}: {named(error)[1]}") from error


def look(
    assistant: "Assistant", folder: Path, limit: int | None, report: Report, out: Path | None = None
) -> dict[str, Any]:
    """What looks tell of the photos of a labelled folder, against the labels (see ui/evals/look.py); pictures of the
    confusions and of the calibration go to `out`. The first look, which loads the models, is not timed."""
    from ui.evals import look as looks

    rows = labels.read(folder, limit)
    with naming(rows[0][1]):
        assistant.look(rows[0][1].read_bytes())
    judged, times = [], []
    for label, path, data in each(rows, report):
        with naming(path):
            start = time.perf_counter()
            told = assistant.look(data)
            times.append((time.perf_counter() - start) * 1000)
            judged.append(looks.Judged(label, told, assistant.look(data, forced=True)))
    found = looks.figures(judged)
    return {
        "suite": "look",
        "folder": str(folder),
        "accuracy": found["category"]["accuracy"],
        **found,
        **({"pictures": _pictures(found, out)} if out else {}),
        **spread(times),
    }


def _pictures(found: dict[str, Any], out: Path) -> list[str]:
    """A confusion and a reliability diagram of every attribute that was measured, as PNG."""
    from ui.evals import pictures

    def word(key: str) -> str:
        return say("evaluation", f"pictures.{key}", "en")

    made = []
    measured = {"category": found["category"], "color": found["colors"], **found["attributes"]}
    for name, figures in measured.items():
        if not figures["n"]:
            continue
        table = figures["confusion"]
        title = f"{word(name)}: {figures['accuracy']:.3f} (n = {figures['n']})"
        image = pictures.confusion(table["values"], table["rows"], title, word("truth"), word("told"))
        made.append(pictures.save(image, out / f"confusion-{name}.png"))
        if figures["calibration"]["n"]:
            title = f"{word(name)}: ECE {figures['calibration']['ece']:.3f}"
            image = pictures.reliability(figures["calibration"], title, word("confidence"), word("right"))
            made.append(pictures.save(image, out / f"reliability-{name}.png"))
    return made


def ask(
    assistant: "Assistant",
    folder: Path,
    limit: int | None,
    report: Report,
    out: Path | None = None,
    seed: int = 0,
    langs: Sequence[str] = ("zh", "en"),
) -> dict[str, Any]:
    """Questions made from the labels of a folder, and how they are answered (see ui/evals/questions.py and ask.py);
    every answer goes to `out`/answers.jsonl."""
    from ui.evals import ask as asking
    from ui.evals.questions import Corpus, questions

    rows = labels.read(folder, limit)
    corpus = Corpus([label for label, _ in rows])
    answers, times = [], []
    for label, path, data in each(rows, report):
        for question in questions(label, corpus, seed, langs):
            with naming(path):
                start = time.perf_counter()
                said = assistant.ask(data, question.text, question.lang)
                times.append((time.perf_counter() - start) * 1000)
            answers.append(asking.Answered(label.file, question, **said))
    if out:
        out.mkdir(parents=True, exist_ok=True)
        lines = [json.dumps(answer.to_json(), ensure_ascii=False) + "\n" for answer in answers]
        (out / "answers.jsonl").write_text("".join(lines), encoding="utf-8")
    return {
        "suite": "ask",
        "folder": str(folder),
        "photos": len(rows),
        "seed": seed,
        "languages": list(langs),
        **asking.figures(answers),
        **({"answers": str(out / "answers.jsonl")} if out else {}),
        **spread(times),
    }


def caption(path: Path) -> dict[str, Any]:
    """Caption metrics of a JSON Lines file of {"candidate", "references"} (see ui/evals/captions.py)."""
    from ui.evals import captions

    return {"suite": "caption", "file": str(path), **captions.figures(captions.read(path))}


def caption_photos(
    assistant: "Assistant", folder: Path, limit: int | None, report: Report, langs: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """Caption metrics of the captions made for a folder's photos, against the `captions` of its labels: an object for
    each language that has some. Raises CommandError where there are none."""
    from ui.evals import captions

    rows = [row for row in labels.read(folder, limit) if any(row[0].captions.get(lang) for lang in langs)]
    if not rows:
        raise CommandError("no_captions", say("terminal", "errors.no_captions", "en", path=folder))
    made: dict[str, list[captions.Captioned]] = {}
    for label, path, data in each(rows, report):
        for lang in langs:
            if references := label.captions.get(lang):
                with naming(path):
                    text = assistant.look(data, lang).caption
                made.setdefault(lang, []).append(captions.Captioned(candidate=text, references=references))
    for lang, captioned in made.items():
        yield {"suite": "caption", "folder": str(folder), "language": lang, **captions.figures(captioned)}


def search(
    assistant: "Assistant", folder: Path, limit: int | None, report: Report, k: int = 5
) -> dict[str, Any]:
    """Search the shop by photo: how many of the first `k` products have the photo's category.

    `same_category`: mean share of the first k; `hit`: photos with at least one such product among them.
    Classes that the shop does not sell are left out and named in `not_sold`.
    """
    sold = {product.category for product in assistant.products()}
    every = [(label, path) for label, path in labels.read(folder, limit) if label.category]
    work = [row for row in every if any(is_category([category], row[0].category or "") for category in sold)]
    if not work:
        raise labels.NoPhotos(folder)
    share: dict[str, list[float]] = {}
    first = 0
    times = []
    with naming(work[0][1]):
        assistant.search(photo=work[0][1].read_bytes(), k=k)  # loads the models, not timed
    for label, path, data in each(work, report):
        truth = label.category or ""
        with naming(path):
            start = time.perf_counter()
            hits = assistant.search(photo=data, k=k)
            times.append((time.perf_counter() - start) * 1000)
        good = [taxonomy.is_a(hit["category"], truth) for hit in hits]
        share.setdefault(truth, []).append(sum(good) / k)
        first += bool(good) and good[0]
    every_share = [value for values in share.values() for value in values]
    return {
        "suite": "search",
        "photos": len(work),
        "k": k,
        "same_category": round(statistics.mean(every_share), 4),
        "hit": round(sum(value > 0 for value in every_share) / len(work), 4),
        "first": round(first / len(work), 4),
        "per_class": {label: round(statistics.mean(values), 4) for label, values in share.items()},
        "not_sold": sorted({label.category or "" for label, _ in every} - set(share)),
        **spread(times),
    }


def search_graded(
    assistant: "Assistant", path: Path, part: str, report: Report, least: int
) -> dict[str, Any]:
    """How well searches answer the graded queries of a file (see ui/evals/ranking.py): the shop's own search, one kind
    of evidence at a time, and LangChain's plain recipe, all of them asked the same. The first query of each, which
    loads what it needs, is asked twice and timed once."""
    from agent.rankers import rankers
    from ui.evals import ranking

    queries = ranking.read(path, part)
    try:
        methods = rankers(assistant, photos=any(query.photo for query in queries))
    except ImportError as error:
        raise CommandError("no_recipe", say("terminal", "errors.no_recipe", "en")) from error
    rankings: dict[str, list[list[str]]] = {name: [] for name in methods}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for done, query in enumerate(queries, 1):
        photo = read(query.photo) if query.photo else None
        for name, rank in methods.items():
            if done == 1:
                rank(query.query, photo, ranking.K)
            start = time.perf_counter()
            rankings[name].append(rank(query.query, photo, ranking.K))
            times[name].append((time.perf_counter() - start) * 1000)
        report(done, len(queries), "")
    found = ranking.figures(queries, rankings, "daogou", least)
    for name, method in found["methods"].items():
        method |= spread(times[name])
    return {
        "suite": "search",
        "file": str(path),
        "part": part or None,
        "products": assistant.count(),
        **found,
        "misses": [
            {"query": query.query, "ndcg": round(value, 4), "found": list(ranked)}
            for query, ranked in zip(queries, rankings["daogou"], strict=True)
            if query.grades and (value := ranking.ndcg(ranked, query.grades)) < 0.5
        ],
    }


def photos(assistant: "Assistant", folder: Path, limit: int | None, report: Report) -> dict[str, Any]:
    """How like the labelled photos of a folder the products found by them are (see ui/evals/alike.py): the shop's own
    search, the nearest pictures, and the recipe of nearest neighbours over raw pixels, all of them asked the same. The
    first photo, which loads what is needed, is asked twice and timed once."""
    from agent.rankers import photo_rankers
    from ui.evals import alike

    rows = [row for row in labels.read(folder, limit) if row[0].category]
    if not rows:
        raise labels.NoPhotos(folder)
    things = {p.id: alike.Thing(p.category, next(iter(p.colors), None)) for p in assistant.products()}
    methods = photo_rankers(assistant)
    found: dict[str, list[list[str]]] = {name: [] for name in methods}
    times: dict[str, list[float]] = {name: [] for name in methods}
    for done, (label, path, data) in enumerate(each(rows, report)):
        with naming(path):
            for name, rank in methods.items():
                if not done:
                    rank("", data, alike.K)
                start = time.perf_counter()
                ids = rank("", data, alike.K + bool(label.product))
                times[name].append((time.perf_counter() - start) * 1000)
                found[name].append([i for i in ids if i != label.product][: alike.K])
    told = alike.figures([label for label, _ in rows], found, things, "daogou")
    for name, took in times.items():
        told["methods"][name] |= spread(took)
    return {"suite": "photos", "folder": str(folder), "products": len(things), **told}
