"""docs/api.md: every example is run, in order, against a shop that is served on loopback."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_shop import door, listening
from garment_photos import lying

from agent.access.keys import Keys
from agent.assistant import Assistant
from agent.settings import Settings
from ui.api import problems
from ui.api.app import api
from ui.api.openai import PATH as OPENAI

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
WRITTEN = "http://localhost:8501"


def blocks(kind: str) -> str:
    """The guide's examples of a kind, as one program."""
    return "\n".join(re.findall(rf"^```{kind}\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def desk(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address of a served shop, a folder with its keys and a photo)."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "coat.jpg").write_bytes(lying(("D0091", "top"))[0])
    with listening(door(assistant, folder)) as port:
        yield f"http://127.0.0.1:{port}", folder


def run(command: list[str], program: str, desk: tuple[str, Path], **more: str) -> str:
    """What the program prints."""
    address, folder = desk
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    env = {"DAOGOU_DATA": str(folder), "PYTHONPATH": str(ROOT), "PATH": path, "LANG": "C.UTF-8", **more}
    done = subprocess.run(
        [*command, program.replace(WRITTEN, address)],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def test_the_shells_examples(desk: tuple[str, Path]) -> None:
    told = run(["bash", "-eo", "pipefail", "-c"], blocks("sh"), desk)
    for said in ("pk_", "event: turn_started", "event: products", "event: done", "event: looked", '"why"'):
        assert said in told, said
    assert '"next"' in (desk[1] / "page.json").read_text()


def test_pythons_examples(desk: tuple[str, Path]) -> None:
    keys = Keys(desk[1])
    secrets = {"DAOGOU_KEY": str(keys.make("secret").token), "DAOGOU_VOUCHING": keys.vouching()}
    told = run([sys.executable, "-c"], blocks("python"), desk, **secrets)
    assert "连衣裙" in told and "$" in told
    assert "404 unknown_product" in told and "商品" in told
    assert "**" in told and "{'notes': 0, 'conversations': 1}" in told


def test_every_code_and_address_that_the_guide_names_is_there(assistant: Assistant, tmp_path: Path) -> None:
    named = set(re.findall(r"`([a-z_]+)`", GUIDE.split("| status | `code` |")[1].split("\n\n")[0]))
    known = set(problems.load("api")["problems"])
    assert named - {"bad_filters", "unknown_product"} <= known
    paths = set(api(door(assistant, tmp_path).shops).openapi()["paths"])
    for path in (
        "/sessions/{session_id}/reactions/{product_id}",
        "/sessions/{session_id}/cart",
        "/search",
        "/shopper",
    ):
        assert path in paths
    assert OPENAI == "/v1"


@pytest.mark.parametrize("page", ["api.md", "security.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name in set(re.findall(r"DAOGOU_[A-Z_]+[A-Z]", text)) - {"DAOGOU_KEY", "DAOGOU_VOUCHING"}:
        assert name.removeprefix("DAOGOU_").lower() in Settings.model_fields, name
    for target in re.findall(r"\]\(([^)#:]+)", text):
        assert (ROOT / "docs" / target).exists(), target
    for file in re.findall(r"`((?:tests|store|agent|ui)/[\w/]+\.py)`", text):
        assert (ROOT / file).exists(), file
