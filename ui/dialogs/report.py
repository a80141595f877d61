"""What came of runs, for a build server (JUnit), for a program (JSON) and for a person (Markdown, HTML).

A script that is known to fail (`known_failure`) in a language may fail there; once every run of it passes, that is
reported as a failure, so that the mark is taken away.
"""

import html
import json
import math
import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from prompts import load
from ui.dialogs.observed import cards_of
from ui.dialogs.runner import Result, TurnResult


@dataclass
class Group:
    """All runs of one script in one language."""

    runs: list[Result]

    @property
    def name(self) -> str:
        return f"{self.runs[0].script.id}[{self.runs[0].lang}]"

    @property
    def excuse(self) -> str:
        return self.runs[0].excuse

    @property
    def passes(self) -> int:
        return sum(run.passed for run in self.runs)

    @property
    def surprising(self) -> bool:
        """It is marked as known to fail, and every run passed."""
        return bool(self.excuse) and self.passes == len(self.runs)

    @property
    def good(self) -> bool:
        """As expected: every run passed; or, where it is known to fail, not every one."""
        return self.passes == len(self.runs) if not self.excuse else not self.surprising

    def chance(self, k: int) -> float:
        """pass^k: how likely k runs drawn from these all pass (tau-bench, Yao et al. 2024: C(c,k) / C(n,k))."""
        return math.comb(self.passes, k) / math.comb(len(self.runs), k)


def grouped(results: Iterable[Result]) -> list[Group]:
    """The runs by script and language, in the order of the first of each."""
    found: dict[tuple[str, str], Group] = {}
    for result in results:
        found.setdefault((result.script.id, result.lang), Group([])).runs.append(result)
    return list(found.values())


def exit_code(results: list[Result]) -> int:
    """0: all as expected; 1: a gate did not hold, or a known failure passed; 2: a script could not be used."""
    if any(result.unusable for result in results):
        return 2
    return 0 if all(group.good for group in grouped(results)) else 1


def figures(results: list[Result]) -> dict[str, Any]:
    """How many held, by gate where not; pass^k; how long a turn takes, and who answered it."""
    groups = grouped(results)
    turns = [t for r in results for t in r.turns]
    broken = [f.gate for r in results if not r.excuse for t in r.turns for f in t.failures]
    most = min((len(group.runs) for group in groups), default=0)
    return {
        "suite": "dialogs",
        "scripts": len({r.script.id for r in results}),
        "runs": len(results),
        "passed": sum(r.passed for r in results),
        "known_failures": sum(bool(g.excuse) for g in groups),
        "surprises": [g.name for g in groups if g.surprising],
        "pass^k": {
            str(k): round(statistics.fmean(g.chance(k) for g in groups), 4) for k in range(1, most + 1)
        },
        "turns": len(turns),
        "failed_gates": {gate: broken.count(gate) for gate in sorted(set(broken))},
        **_times("", [t.ms for t in turns]),
        "first_event_ms": _times("", [v for t in turns if (v := _timing(t, "first_event_ms")) is not None]),
        "answered_by": _answered(turns),
    }


def _timing(turn: TurnResult, name: str) -> float | None:
    value = (turn.done.get("timings") or {}).get(name)
    return float(value) if isinstance(value, (int, float)) else None


def answerer(turn: TurnResult) -> str:
    """Who answered a turn, as its `done` says; "" where it does not."""
    return str(turn.done.get("answered_by") or "")


def _usage(turn: TurnResult, name: str) -> int:
    return int((turn.done.get("usage") or {}).get(name) or 0)


def _answered(turns: list[TurnResult]) -> dict[str, Any]:
    """For each who answered: the share of the turns, and how long they took."""
    by: dict[str, list[TurnResult]] = {}
    for turn in turns:
        by.setdefault(answerer(turn), []).append(turn)
    return {
        name: {
            "turns": len(part),
            "share": round(len(part) / len(turns), 4),
            **_times("", [t.ms for t in part]),
            "tokens": sum(_usage(t, "input_tokens") + _usage(t, "output_tokens") for t in part),
        }
        for name, part in sorted(by.items())
        if name
    }


def _times(prefix: str, values: list[float]) -> dict[str, float | None]:
    times = sorted(values)
    return {
        f"{prefix}median_ms": round(statistics.median(times), 1) if times else None,
        f"{prefix}p95_ms": round(times[min(len(times) - 1, math.ceil(0.95 * len(times)) - 1)], 1)
        if times
        else None,
    }


def to_json(result: Result) -> dict[str, Any]:
    """A run as an object."""
    return {
        "id": result.script.id,
        "lang": result.lang,
        "run": result.run,
        "seed": result.seed,
        "model": result.model,
        "passed": result.passed,
        **({"known_failure": result.excuse} if result.excuse else {}),
        "seconds": round(result.seconds, 2),
        "failures": result.why(),
        "turns": [
            {
                "turn": t.number,
                "text": t.text,
                "reply": t.reply,
                "ms": round(t.ms, 1),
                "timings": t.done.get("timings") or {},
                "usage": t.done.get("usage") or {},
                "answered_by": answerer(t),
                "tools": [
                    {"tool": e["tool"], "args": e["args"]} for e in t.events if e["type"] == "thinking"
                ],
                "cards": [c["id"] for e in t.events for c in cards_of(e)],
                "failures": [{"gate": f.gate, "message": f.message} for f in t.failures],
            }
            for t in result.turns
        ],
    }


# -- JUnit --


def to_junit(results: list[Result]) -> str:
    """The runs as JUnit XML: a run that is known to fail and does is skipped, with its reason; a script that could not
    be used is an error. What was said is in each one's output."""
    surprising = {id(run) for group in grouped(results) if group.surprising for run in group.runs}
    bad = [r for r in results if (not r.passed and not r.excuse and not r.unusable) or id(r) in surprising]
    total = f"{sum(r.seconds for r in results):.3f}"
    numbers = {
        "tests": str(len(results)),
        "failures": str(len(bad)),
        "errors": str(sum(r.unusable for r in results)),
        "skipped": str(sum(bool(r.excuse) and not r.passed and not r.unusable for r in results)),
        "time": total,
    }
    root = ElementTree.Element("testsuites", numbers)
    suite = ElementTree.SubElement(root, "testsuite", {"name": "dialogs", **numbers})
    for result in results:
        attributes = {"classname": result.script.id, "name": result.name, "time": f"{result.seconds:.3f}"}
        case = ElementTree.SubElement(suite, "testcase", {**attributes, "file": str(result.script.path)})
        reasons = result.why()
        if id(result) in surprising:
            _part(case, "failure", "it is marked as known to fail and passes: take known_failure away", [])
        elif result.unusable:
            _part(case, "error", reasons[-1], reasons)
        elif not result.passed and result.excuse:
            _part(case, "skipped", f"known to fail: {result.excuse}", [])
        elif not result.passed:
            _part(case, "failure", reasons[0], [result.script.why, *reasons])
        ElementTree.SubElement(case, "system-out").text = _clean("\n".join(transcript(result)))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _part(case: ElementTree.Element, name: str, message: str, lines: list[str]) -> None:
    part = ElementTree.SubElement(case, name, {"message": _clean(message)})
    part.text = _clean("\n".join(lines)) or None


def _clean(text: str) -> str:
    """Without what XML cannot hold: control characters, halves of surrogate pairs and the two last of the plane."""
    return "".join(
        c
        for c in text
        if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )


# -- for people --


def transcript(result: Result) -> list[str]:
    """A run as it was talked: what was said, the tools called, the cards shown, the reply, and what did not hold."""
    lines: list[str] = []
    for turn in result.turns:
        sent = "".join(f" [{name}]" for name in turn.sent)
        lines.append(f"{turn.number}. shopper: {turn.text}{sent}")
        for event in turn.events:
            if event["type"] == "thinking" and event["args"]:
                lines.append(f"   tool: {event['tool']} {json.dumps(event['args'], ensure_ascii=False)}")
            elif cards := cards_of(event):
                lines.append(f"   {event['type']}: " + "; ".join(_card(card) for card in cards))
            elif event["type"] == "cart":
                held = [f"{x['quantity']} × {x['id']} {x.get('size') or ''}".strip() for x in event["lines"]]
                lines.append(f"   cart: {'; '.join(held) or 'empty'} {event.get('problem') or ''}".rstrip())
            elif event["type"] in ("error", "answer", "policy"):
                told = {
                    k: v for k, v in event.items() if k not in ("type", "passage", "title") and v is not None
                }
                lines.append(f"   {event['type']}: {json.dumps(told, ensure_ascii=False)}")
        lines.append(f"   daogou: {turn.reply}  ({turn.ms:.0f} ms)")
        lines += [f"   FAILED {f.gate}: {f.message}" for f in turn.failures]
    transcript = lines + ([f"   FAILED {result.fault}"] if result.fault else [])
    return [_visible(line) for line in transcript]


def _visible(text: str) -> str:
    """With what no screen shows written out: a control character, an override of the direction."""
    return "".join(c if c.isprintable() or c == "\n" else c.encode("unicode_escape").decode() for c in text)


def _card(card: dict[str, Any]) -> str:
    price = card.get("sale_price") or card["price"]
    return f"{card['id']} {card['name']} {price['text']}"


def to_markdown(results: list[Result]) -> str:
    """The figures, then each script that is not as expected with the transcript of its runs that failed, then the
    known failures, then the others in a line each."""
    groups = grouped(results)
    words = load("dialogs")["report"]
    out = [f"# {words['title']}", "", *_summary(results), ""]
    for group in (g for g in groups if not g.good):
        script = group.runs[0].script
        out += [f"## ✗ {group.name}", "", script.why, "", f"`{script.path}`", ""]
        if group.surprising:
            out += [words["surprise"].format(reason=group.excuse), ""]
        for run in (r for r in group.runs if not r.passed):
            out += [f"### {words['run']} {run.run}", "", "```text", *_fenced(transcript(run)), "```", ""]
    if known := [g for g in groups if g.excuse and g.good]:
        out += [f"## {words['known']}", "", *(f"- {g.name}: {g.excuse}" for g in known), ""]
    out += [f"## {words['passed']}", "", *(_line(g) for g in groups if g.good and not g.excuse), ""]
    return "\n".join(out)


def _line(group: Group) -> str:
    slowest = max((t.ms for r in group.runs for t in r.turns), default=0.0)
    return f"- {group.name} ({group.passes}/{len(group.runs)}, {slowest:.0f} ms): {group.runs[0].script.why}"


def _summary(results: list[Result]) -> list[str]:
    rows = ["| | |", "| --- | --- |"]
    for name, value in figures(results).items():
        rows.append(
            f"| {name} | {json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else value} |"
        )
    return rows


def _fenced(lines: list[str]) -> list[str]:
    """Lines that cannot close the fence that they stand in."""
    return [line.replace("```", "'''").replace("\n", "\n     ") for line in lines]


def to_html(results: list[Result]) -> str:
    """The same as a page of its own: no script, nothing fetched."""
    groups = grouped(results)
    words = load("dialogs")["report"]
    body = [f"<h1>{words['title']}</h1><table>"]
    for name, value in figures(results).items():
        body.append(f"<tr><td>{name}</td><td>{html.escape(json.dumps(value, ensure_ascii=False))}</td></tr>")
    body.append("</table>")
    for group in sorted(groups, key=lambda g: (g.good, bool(not g.excuse))):
        state = "bad" if not group.good else "known" if group.excuse else "good"
        script = group.runs[0].script
        shown = " open" if state == "bad" else ""
        title = (
            f"<b>{html.escape(group.name)}</b> {group.passes}/{len(group.runs)} · {html.escape(script.why)}"
        )
        body.append(f'<details class="{state}"{shown}><summary>{title}</summary>')
        if group.excuse:
            said = words["surprise"].format(reason=group.excuse) if group.surprising else group.excuse
            body.append(f"<p>{html.escape(said)}</p>")
        for run in group.runs:
            if run.passed and state == "bad" and not group.surprising:
                continue
            lines = (
                f'<span class="{"failed" if line.strip().startswith("FAILED") else ""}">{html.escape(line)}</span>'
                for line in transcript(run)
            )
            body.append(f"<h3>{words['run']} {run.run}</h3><pre>" + "\n".join(lines) + "</pre>")
        body.append("</details>")
    return _PAGE.replace("TITLE", str(words["title"])).replace("BODY", "\n".join(body))


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>TITLE</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
td { padding: .15rem .8rem .15rem 0; vertical-align: top }
summary { cursor: pointer; padding: .2rem 0 }
details.bad > summary { color: #b00020 } details.known > summary { color: #8a6d00 }
pre { white-space: pre-wrap; background: #f6f6f4; padding: .8rem; border-radius: .4rem }
.failed { color: #b00020; font-weight: 600 }
</style></head><body>
BODY
</body></html>
"""
