"""The report of the last import, kept in the data folder: as codes and values, so that it is told in any language.

A check (`--dry-run`) leaves none. A file that cannot be written or read costs the report, never the import.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from store.feeds.record import Problem

if TYPE_CHECKING:
    from store.feeds.staging import Staging

log = logging.getLogger(__name__)
FILE = "last-import.json"
MOST = 1_000  # problems of a kind, of a feed
_TOLD = ("errors", "warnings", "removed_ids")
Tell = Callable[[Problem, str], dict[str, Any]]


def keep(
    data: Path, results: Sequence[Mapping[str, Any]], staging: "Staging", removed: Sequence[str]
) -> None:
    """Keep what came of an import: `results` as `import_feeds` returns them."""
    feeds = []
    for number, result in enumerate(results):
        plain: dict[str, Any] = {name: value for name, value in result.items() if name not in _TOLD}
        for name, refused in (("errors", True), ("warnings", False)):
            plain[name] = [asdict(problem) for problem in staging.problems(refused, number, MOST)]
        feeds.append(plain)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    report = {"at": at, "feeds": feeds, "removed_ids": list(removed[:MOST])}
    file, part = data / FILE, data / f"{FILE}.part"
    try:
        part.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8", errors="backslashreplace")
        part.replace(file)
    except OSError as error:
        log.warning("the report of this import is not kept: %s", error)


def last(data: Path, lang: str, tell: Tell) -> dict[str, Any] | None:
    """The report of the last import: {"at": UTC, "feeds": [what `import_feeds` returned], "removed_ids"}, problems told
    in `lang`; None where there was none, or where it cannot be read."""
    try:
        report: dict[str, Any] = json.loads((data / FILE).read_text(encoding="utf-8"))
        for feed in report["feeds"]:
            for name in ("errors", "warnings"):
                feed[name] = [tell(Problem(**problem), lang) for problem in feed[name]]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read: %r", data / FILE, error)
        return None
    return report
