"""`daogou keys`: made, listed without secrets, revoked; an origin that is none is told as such."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agent.access.keys import ForeignOrigin, Key, Keys, KeyUnknown, allow, origin
from ui.cli import app

RUN = CliRunner()


def made(data: Path, *options: str) -> dict[str, str]:
    done = RUN.invoke(app, ["keys", "make", "--json", "--data", str(data), *options])
    assert done.exit_code == 0, done.output
    return dict(json.loads(done.stdout))


def test_a_secret_key_is_told_once(tmp_path: Path) -> None:
    key = made(tmp_path, "--label", "the till")
    listed = RUN.invoke(app, ["keys", "list", "--data", str(tmp_path)]).stdout
    assert key["id"] in listed and "the till" in listed and key["token"] not in listed
    assert key["token"].encode() not in (tmp_path / "keys.sqlite").read_bytes()


def test_a_publishable_key_names_its_pages_and_a_revoked_one_opens_nothing(tmp_path: Path) -> None:
    key = made(tmp_path, "--origin", "https://Shop.example:443/", "--origin", "http://localhost:9000")
    keys = Keys(tmp_path)
    assert keys.find(key["token"]).origins == ("https://shop.example", "http://localhost:9000")
    assert RUN.invoke(app, ["keys", "revoke", key["id"], "--data", str(tmp_path)]).exit_code == 0
    assert RUN.invoke(app, ["keys", "revoke", key["id"], "--data", str(tmp_path)]).exit_code == 1
    with pytest.raises(KeyUnknown):
        keys.find(key["token"])
    assert keys.origins() == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "shop.example",
        "https://",
        "https://a/b",
        "https://a?b",
        "ftp://a",
        "https://u@a",
        "https://a:x",
        "*",
        "",
    ],
)
def test_what_is_no_origin_is_told_as_such(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        origin(text)
    done = RUN.invoke(app, ["keys", "make", "--json", "--data", str(tmp_path), "--origin", text])
    assert done.exit_code == 1 and json.loads(done.stdout)["error"]["code"] == "bad_origin"


def test_a_page_of_our_own_may_use_a_key_that_names_it() -> None:
    key = Key(id="a", kind="publishable", origins=("http://localhost:8501",))
    allow(
        key, None, "http://localhost:8501", browser=True
    )  # browsers send no Origin with a GET to the page's own
    with pytest.raises(ForeignOrigin):
        allow(key, None, "http://localhost:8501", browser=False)
