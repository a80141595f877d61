"""`Assistant.import_feeds`: feeds into the shop, and what came of them as JSON and in words of either language."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent import reports
from agent.errors import BadFeed, ImportBusy
from prompts import say
from store.errors import FeedError, ImportRunning
from store.feeds import opened
from store.feeds.fetch import Fetcher
from store.feeds.pictures import Pictures
from store.feeds.record import Problem, Refused
from store.feeds.values import known_currency
from store.importing import Import, Outcome
from tools.proposals import proposals

if TYPE_CHECKING:
    from perception.eyes import Eyes
    from store.shop import Shop

Progress = Callable[[int, int, str], None]
WHY = {
    "picture_left_out": "pictures",
    "picture_kept": "pictures",
    "currency_guessed": "guessed",
    "currency_of_sign": "guessed",
}  # else "stay"
MOST = 1_000  # problems of a kind in a result; a report has all of them


@dataclass(frozen=True)
class Wish:
    """How feeds are to be imported. `images`: a folder or a zip; `mapping`: column → field; `currency`: ISO code;
    `full`: products that no feed names are removed; `fetch`: pictures from http(s); `report`: a file for the whole of
    it as JSON; `look`: perception proposes what the feed lacks; `wait_s`: for another import to end; `workers`: of a
    Ray cluster that looks at the pictures, 0 for none."""

    format: str = "auto"
    images: Path | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    currency: str | None = None
    encoding: str | None = None
    dry_run: bool = False
    full: bool = False
    fetch: bool = True
    look: bool = True
    report: Path | None = None
    lang: str = "en"
    wait_s: float = 0.0
    workers: int = 0


def import_feeds(
    shop: "Shop",
    eyes: "Eyes",
    paths: Sequence[Path],
    wish: Wish,
    progress: Progress | None = None,
    ahead: Callable[[Sequence[Path]], None] | None = None,
) -> list[dict[str, Any]]:
    """Bring in the feeds, in their order; a result each (see `Assistant.import_feed`). `ahead`: is given the pictures
    of many products before any of them is looked at.

    Raises BadFeed where a feed cannot be read at all, ImportBusy where another import is under way.
    """
    try:
        currency = known_currency(wish.currency)
    except Refused as refused:
        raise BadFeed(
            reason=say("feeds", f"reasons.{refused.code}", wish.lang, **refused.values)
        ) from refused
    with ExitStack() as stack:
        try:
            feeds = [opened(path, wish.format, wish.mapping, wish.encoding) for path in paths]
            fetcher = Fetcher() if wish.fetch and not wish.dry_run else None
            if fetcher:
                stack.callback(fetcher.close)
            sources = []
            for path in paths:
                beside = path if path.is_dir() else path.parent
                sources.append(Pictures(shop.data_dir / "images", beside, wish.images, fetcher))
                stack.callback(sources[-1].close)
            work = stack.enter_context(
                Import(
                    shop,
                    see=(lambda products, pictures: proposals(eyes, products, pictures))
                    if wish.look
                    else None,
                    dry=wish.dry_run,
                    currency=currency,
                    told=(lambda phase, done, of: progress(done, of, phase)) if progress else None,
                    wait_s=wish.wait_s,
                    ahead=ahead,
                )
            )
        except (FeedError, ValueError) as error:
            raise BadFeed(reason=str(error)) from error
        except ImportRunning as error:
            raise ImportBusy(minutes=f"{error.minutes:.0f}") from error
        except sqlite3.Error as error:
            raise BadFeed(reason=f"{shop.data_dir}: {error}") from error
        resumed = not wish.dry_run and work.ledger.begin("\n".join(str(p.resolve()) for p in paths))
        for feed, pictures in zip(feeds, sources, strict=True):
            work.feed(feed, pictures)
        removed = work.remove_others() if wish.full else []
        results = []
        for number, outcome in enumerate(work.outcomes):
            last = number == len(work.outcomes) - 1
            results.append(
                _result(outcome, wish, resumed)
                | {"removed": len(removed) if last else 0, "removed_ids": removed[:MOST] if last else []}
                | {
                    "errors": [told(p, wish.lang) for p in work.staging.problems(True, number, MOST)],
                    "warnings": [told(p, wish.lang) for p in work.staging.problems(False, number, MOST)],
                }
            )
        if wish.report:
            _write(wish.report, work, results, removed, wish.lang)
        if not wish.dry_run:
            reports.keep(shop.data_dir, results, work.staging, removed)
            work.ledger.finish()
    return results


def _result(outcome: Outcome, wish: Wish, resumed: bool) -> dict[str, Any]:
    seconds = max(outcome.seconds, 0.001)
    usable = outcome.new + outcome.changed + outcome.unchanged
    return {
        "feed": str(outcome.feed.path),
        "format": outcome.feed.format,
        "encoding": outcome.feed.encoding,
        "dry_run": wish.dry_run,
        "resumed": resumed,
        "finished": outcome.finished,
        "rows": outcome.rows,
        "read": outcome.read,
        "usable": usable,
        "imported": 0 if wish.dry_run else usable,
        "new": outcome.new,
        "changed": outcome.changed,
        "unchanged": outcome.unchanged,
        "refused": outcome.refused,
        "warned": outcome.warnings,
        "looked": outcome.looked,
        "seconds": round(outcome.seconds, 2),
        "per_second": round(usable / seconds, 1),
    }


def told(problem: Problem, lang: str) -> dict[str, Any]:
    """A problem as a person reads it: where, which field, why, and what to do."""
    values: dict[str, Any] = dict(problem.values)
    if "why" in values:
        table = WHY.get(problem.code, "stay")
        values["why"] = say("feeds", f"{table}.{values['why']}", lang, **values)
    reason = say("feeds", f"reasons.{problem.code}", lang, **values)
    out: dict[str, Any] = {
        "line": problem.line,
        "id": problem.id,
        "field": problem.field,
        "code": problem.code,
    }
    if problem.where:
        out["page"] = problem.where
    if "picture" in values:
        out["picture"] = values["picture"]
    fix = say("feeds", f"fixes.{problem.code}", lang)
    message = f"{problem.field}: {reason}" if problem.field and problem.refused else reason
    return out | {"reason": reason, "fix": fix, "message": message}


def _write(file: Path, work: Import, results: list[dict[str, Any]], removed: list[str], lang: str) -> None:
    """The whole report, a problem at a time: there may be millions. Raises BadFeed where it cannot be written."""

    def array(problems: Iterator[Problem]) -> Iterator[str]:
        for place, problem in enumerate(problems):
            yield (",\n    " if place else "\n    ") + json.dumps(told(problem, lang), ensure_ascii=False)

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", errors="backslashreplace") as out:
            out.write('{"feeds": [')
            for number, result in enumerate(results):
                plain = {k: v for k, v in result.items() if k not in ("errors", "warnings", "removed_ids")}
                out.write((",\n" if number else "\n") + json.dumps(plain, ensure_ascii=False)[:-1])
                for name, refused in (("errors", True), ("warnings", False)):
                    out.write(f',\n  "{name}": [')
                    out.writelines(array(work.staging.problems(refused, number)))
                    out.write("]")
                out.write("}")
            out.write('],\n"removed_ids": ' + json.dumps(removed, ensure_ascii=False) + "}\n")
    except OSError as error:
        raise BadFeed(reason=f"{file}: {error.strerror}") from error
