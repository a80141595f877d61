"""Imports between the rooms point one way only: ui → agent → tools → {perception, store}; prompts is for all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ROOMS = ("ui", "agent", "tools", "perception", "store", "prompts")
MAY_IMPORT = {
    "ui": {"ui", "agent", "prompts"},
    "agent": {"agent", "tools", "perception", "store", "prompts"},
    "tools": {"tools", "perception", "store", "prompts"},
    "perception": {"perception", "prompts"},
    "store": {"store", "prompts"},
    "prompts": {"prompts"},
}
TYPES = {"store.types", "tools.results", "perception.look"}  # values only: a door may name them


def modules() -> list[Path]:
    return sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Every imported module with its line, wherever it stands, except under `if TYPE_CHECKING`."""
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for part in node.body
        for inner in ast.walk(part)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            base = node.module or ""
            # `from store import types` names the module store.types
            inside = [
                f"{base}.{a.name}"
                for a in node.names
                if (ROOT / base.replace(".", "/") / f"{a.name}.py").exists()
            ]
            yield from ((name, node.lineno) for name in inside or [base])


def wrong(room: str, tree: ast.Module) -> list[str]:
    return [
        f"line {line}: {room} imports {name}"
        for name, line in imports(tree)
        if name.split(".")[0] in ROOMS
        and name.split(".")[0] not in MAY_IMPORT[room]
        and not (name in TYPES and room in ("ui", "agent"))
    ]


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_downwards(path: Path) -> None:
    assert wrong(path.relative_to(ROOT).parts[0], ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("room", "code"),
    [
        ("ui", "from store.shop import Shop"),
        ("ui", "def f():\n    import tools.cart"),
        ("store", "from perception import photo"),
        ("perception", "import store.types"),
        ("tools", "from agent.events import Event"),
        ("prompts", "import agent"),
    ],
)
def test_the_check_sees_a_wrong_import(room: str, code: str) -> None:
    assert len(wrong(room, ast.parse(code))) == 1


def test_types_may_be_named_by_a_door() -> None:
    assert wrong("ui", ast.parse("from store.types import Product\nfrom tools import results")) == []


def test_only_one_file_knows_chroma() -> None:
    knows = {
        str(path.relative_to(ROOT))
        for path in modules()
        if any(
            name.split(".")[0] == "chromadb"
            for name, _ in imports(ast.parse(path.read_text(encoding="utf-8")))
        )
    }
    assert knows == {"store/chroma.py"}


def test_only_the_settings_read_the_environment() -> None:
    readers = set()
    for path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        # `os.environ["X"] = …` and `os.environ.update(…)` hand settings on to another reader; that is no reading
        writes = {
            id(node.value)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store))
            or (isinstance(node, ast.Attribute) and node.attr in ("update", "setdefault"))
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("environ", "getenv")
                and id(node) not in writes
            ):
                readers.add(str(path.relative_to(ROOT)))
    assert readers <= {"agent/settings.py"}


def test_a_door_never_shadows_a_room() -> None:
    """Streamlit puts the script's folder first on `sys.path`: ui/agent.py would hide the room."""
    assert not [p for p in (ROOT / "ui").iterdir() if p.stem in ROOMS]
