"""Reading dialog scripts: YAML 1.2 into the models of `ui.dialogs.script`, and every mistake with its file and line.

Beyond the shape it is checked that what a script names can be: its photos and feeds are there, a `$name` was captured
before it is used, tools and events exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from ui.dialogs.observed import STEP, tool_meant
from ui.dialogs.script import CAPTURE, PROFILE, Expect, Script, ScriptError, ToolUse, Touched

Path_ = tuple[int | str, ...]
COMING = ("confirm",)  # events of the contract that a version may not send yet
MOST = 5  # mistakes told of one file


@dataclass(frozen=True)
class Mistake:
    """What is wrong, and where in the value."""

    at: Path_
    said: str


def load(path: Path) -> Script:
    """Read one script. Raises ScriptError with the file and the line of each mistake."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        # YAML 1.2: `{zh: 配什么鞋?, en: What goes with it?}` is what it looks like; a key given twice is an error
        value = YAML(typ="safe", pure=True).load(text)
        script = Script.model_validate(value)
    except (OSError, UnicodeDecodeError, RecursionError, YAMLError) as exc:
        raise ScriptError(f"{path}: {' '.join(str(exc).split())}") from exc
    except ValidationError as exc:
        raise _error(path, text, list(_mistakes(exc, value))) from exc
    script._path = path
    if found := list(_impossible(script)):
        raise _error(path, text, found)
    return script


def collect(paths: list[Path]) -> list[Script]:
    """The scripts of files and folders (searched through). Raises ScriptError, also for an id given twice."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            files += sorted([*path.rglob("*.yaml"), *path.rglob("*.yml")])
        elif path.is_file():
            files.append(path)
        else:
            raise ScriptError(f"{path}: no such file or folder")
    scripts = [load(file) for file in dict.fromkeys(files)]
    seen: dict[str, Path] = {}
    for script in scripts:
        if script.id in seen:
            raise ScriptError(f"{script.path}: id {script.id} is also the id of {seen[script.id]}")
        seen[script.id] = script.path
    return scripts


# -- what cannot be, though it has the shape of a script --


def _impossible(script: Script) -> Iterator[Mistake]:
    if not script.langs():
        yield Mistake((), "no language in which every text is given")
    catalog = script.fixture.catalog
    if isinstance(catalog, str) and catalog != "demo" and not (script.path.parent / catalog).is_file():
        yield Mistake(("fixture", "catalog"), f"there is no feed {catalog} beside the script")
    captured: set[str] = set()
    for number, turn in enumerate(script.turns):
        here: Path_ = ("turns", number)
        if turn.user:
            for name in turn.user.files():
                try:
                    script.photo(name)
                except ScriptError:
                    yield Mistake((*here, "user"), f"no photo {name} beside the script or in photos/")
            focus = turn.user.focus
            pointed = focus.photo if isinstance(focus, Touched) else focus
            yield from _captures(pointed, (*here, "user", "focus"), captured)
        yield from _expected(turn.expect, (*here, "expect"), captured)
        captured |= set(_captured_by(turn.expect))


def _expected(expect: Expect, at: Path_, captured: set[str]) -> Iterator[Mistake]:
    gates = expect.model_dump(
        exclude={"any_of", "all_of", "not_", "capture"}, exclude_none=True, exclude_defaults=True
    )
    yield from _captures(gates, at, captured)
    profile = expect.state.profile if expect.state else None
    for key in profile if isinstance(profile, dict) else ():
        if key not in PROFILE:
            yield Mistake(
                (*at, "state", "profile", key), f"a profile has no {key!r}{near(key, list(PROFILE))}"
            )
    tools = expect.tools
    for key in ("called", "not_called", "any") if tools else ():
        for nth, use in enumerate(getattr(tools, key)):
            yield from _tool(use, (*at, "tools", key, nth))
    for key in ("events", "no_events"):
        for nth, pattern in enumerate(getattr(expect, key)):
            kind = pattern if isinstance(pattern, str) else pattern.get("type")
            if kind not in _events():
                yield Mistake((*at, key, nth), f"there is no event {kind!r}{near(kind, _events())}")
    for name, path in expect.capture.items():
        first = STEP.match(path.split(".")[0])
        if not all(STEP.match(part) for part in path.split(".")):
            yield Mistake((*at, "capture", name), f"{path!r} is no path")
        elif first and first[1] not in (known := [*_events(), "reply", "products", "cart"]):
            yield Mistake(
                (*at, "capture", name), f"{path!r} starts with no event{near(first[1], sorted(set(known)))}"
            )
    for key in ("any_of", "all_of"):
        for nth, branch in enumerate(getattr(expect, key)):
            yield from _expected(branch, (*at, key, nth), captured)
    if expect.not_:
        yield from _expected(expect.not_, (*at, "not"), captured)


def _tool(use: str | ToolUse, at: Path_) -> Iterator[Mistake]:
    from agent.assistant import tool_names

    names = tool_names()
    name, _ = tool_meant(use, names)
    if name not in names:
        yield Mistake(at, f"there is no tool {name!r}{near(name, names)}")


def _captured_by(expect: Expect) -> Iterator[str]:
    yield from expect.capture
    for branch in [*expect.any_of, *expect.all_of]:
        yield from _captured_by(branch)


def _captures(value: Any, at: Path_, captured: set[str]) -> Iterator[Mistake]:
    """Every `$name` inside a value that no earlier turn captured."""
    if isinstance(value, str) and value.startswith("$") and CAPTURE.match(value[1:]):
        if value[1:] not in captured:
            yield Mistake(at, f"{value} was never captured{near(value[1:], sorted(captured), '$')}")
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _captures(inner, (*at, key), captured)
    elif isinstance(value, list):
        for nth, inner in enumerate(value):
            yield from _captures(inner, (*at, nth), captured)


def _events() -> list[str]:
    from agent.events import Event

    kinds = {get_args(kind.model_fields["type"].annotation)[0] for kind in get_args(get_args(Event)[0])}
    return sorted(kinds | set(COMING))


def near(given: object, known: list[str], mark: str = "") -> str:
    """What was probably meant, as the end of a sentence."""
    found = get_close_matches(str(given), known, 1)
    return f"; did you mean {mark}{found[0]}?" if found else ""


# -- mistakes in words --


def _mistakes(exc: ValidationError, value: Any) -> Iterator[Mistake]:
    """What pydantic found. Where a value could be one of several things pydantic complains for each of them: of the
    complaints about one place the deepest, then the first, is the one that helps."""
    found: list[Mistake] = []
    for error in exc.errors():
        place, absent = _place(error["loc"], value)
        inside = ".".join(map(str, place[:-1]))
        if error["type"] == "extra_forbidden":
            key = place[-1] if place else "?"
            said = f"unknown key {key!r}" + (f" in {inside}" if inside else "") + near(key, _keys(place[:-1]))
        elif error["type"] == "missing":
            said = f"{'.'.join(map(str, (*place, *absent[-1:])))} is missing"
        else:
            said = ".".join(map(str, place)) + ": " * bool(place) + error["msg"].removeprefix("Value error, ")
        found.append(Mistake(place, said))
    seen: set[Path_] = set()
    for mistake in found:
        deeper = any(len(m.at) > len(mistake.at) and m.at[: len(mistake.at)] == mistake.at for m in found)
        if mistake.at not in seen and not deeper:
            seen.add(mistake.at)
            yield mistake


def _place(loc: tuple[int | str, ...], value: Any) -> tuple[Path_, Path_]:
    """(the steps of `loc` that the value has, those that it has not: names of the things that it was tried as, or a
    key that is missing)."""
    place: list[int | str] = []
    absent: list[int | str] = []
    at: Any = value
    for step in loc:
        has = step in at if isinstance(at, dict) else isinstance(at, list) and step in range(len(at))
        if has:
            place.append(step)
            at = at[step]
        else:
            absent.append(step)
    return tuple(place), tuple(absent)


def _keys(place: Path_) -> list[str]:
    """The keys that may stand at a place of a script."""
    models: set[type[BaseModel]] = {Script}
    for step in place:
        if isinstance(step, str):
            models = {
                inner
                for model in models
                for name, field in model.model_fields.items()
                if step in (name, field.alias)
                for inner in _models(field.annotation)
            }
    return sorted({field.alias or name for model in models for name, field in model.model_fields.items()})


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _error(path: Path, text: str, mistakes: list[Mistake]) -> ScriptError:
    """The mistakes of a file, each with the line of the innermost key or list item on its way that the file has."""
    marked = YAML(typ="rt", pure=True).load(text)
    told = sorted({(_line(m.at, marked), m.said) for m in mistakes})[:MOST]
    return ScriptError(f"{path}: " + "; ".join(f"line {line}: {said}" for line, said in told))


def _line(place: Path_, marked: Any) -> int:
    line = 0
    at: Any = marked
    for step in place:
        if isinstance(at, CommentedMap) and step in at:
            line = at.lc.key(step)[0]
        elif isinstance(at, CommentedSeq) and isinstance(step, int) and step < len(at):
            line = at.lc.item(step)[0]
        else:
            break
        at = at[step]
    return int(line) + 1
