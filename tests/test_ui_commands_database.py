"""`daogou database move`: what the files of every shop hold is on the server afterwards, once, and works there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_store_tables import schemas
from typer.testing import CliRunner

from agent import moving
from agent.access.keys import Keys
from agent.access.owners import Owners
from agent.events import Done, Token
from agent.transcripts import Transcripts, Turn
from store.carts import Carts, Line
from store.errors import NotKept
from store.reactions import Reaction, Reactions
from store.shoppers import Shoppers, SizeNote
from store.tables import Connection, Server, Where
from ui.cli import app

RUN = CliRunner()


def fill(where: Where) -> None:
    """Somebody talks, buys, likes and agrees."""
    record = Transcripts(where)
    number = record.begin("s", Turn(text="短裤?", key="k"))
    record.show("s", number, 1, Token(text="Shorts"))
    record.write("s", number, Turn(text="短裤?", key="k", events=[Token(text="Shorts"), Done(text="Shorts")]))
    record.show("s", record.begin("s", Turn(text="and?")), 1, Token(text="Wai"))
    carts = Carts(where)
    for product in ("b", "a", "c"):
        carts.add("s", product, "M", 2, key=f"add {product}")
    Reactions(where).add("s", [Reaction(action="liked", product="a")], "anna")
    anna = Shoppers(where).of("anna")
    anna.allow()
    anna.keep([SizeNote(size="M")])
    Owners(where).add("s", "anna", "key")


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Path]:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        fill(tmp_path / name)
    Keys(tmp_path).make("secret", "one")
    yield tmp_path


def moved(shops: Path, server: Server) -> dict[tuple[str, str], tuple[int, int]]:
    environment = {
        "DAOGOU_SHOPS": str(shops),
        "DAOGOU_DATABASE": server.url,
        "DAOGOU_DATABASE_SCHEMA": server.schema,
    }
    done = RUN.invoke(app, ["database", "move", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.stdout.splitlines()]
    return {(one["shop"], one["store"]): (one["found"], one["moved"]) for one in told}


def test_everything_is_there_once(shops: Path, server: Server) -> None:
    first = moved(shops, server)
    assert first["", "keys"] == (1, 1) and first["two", "carts"] == (6, 6)
    assert all(found == fresh for found, fresh in first.values())
    one = Server(server.url, f"{server.schema}_one")
    carts = Carts(one)
    assert carts.lines("s") == [Line("b", "M", 2), Line("a", "M", 2), Line("c", "M", 2)]
    assert Transcripts(one).read("s") == Transcripts(shops / "one").read("s")
    assert Transcripts(one).ratings("s") == {} and len(Transcripts(one).unfinished("s")) == 1
    assert Shoppers(one).of("anna").profile() == Shoppers(shops / "one").of("anna").profile()
    assert Reactions(one).of("s", "anna") == Reactions(shops / "one").of("s", "anna")
    assert Owners(one).of("anna") == ["s"] and Keys(server).all() == Keys(shops).all()
    # The shop goes on there: what was promised once is still done once, and nothing is brought back by moving again.
    carts.add("s", "a", "M", 2, key="add a")
    carts.add("s", "d", "M")
    carts.remove("s", "b")
    Shoppers(one).of("anna").forget()
    again = moved(shops, server)
    assert again == {name: (found, 0) for name, (found, _) in first.items()}
    assert carts.lines("s") == [Line("a", "M", 2), Line("c", "M", 2), Line("d", "M", 1)]
    assert Shoppers(one).of("anna").profile().empty


def test_what_broke_off_goes_on(shops: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, tables = moving.insert, []

    def breaks(db: Connection, table: str, *rest: Any) -> int:
        tables.append(table)
        if tables.count("lines") == 2:
            raise NotKept("away")
        return plain(db, table, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(moving, "insert", breaks)
        environment = {"DAOGOU_SHOPS": str(shops), "DAOGOU_DATABASE": server.url}
        environment["DAOGOU_DATABASE_SCHEMA"] = server.schema
        assert RUN.invoke(app, ["database", "move"], env=environment).exit_code == 1
    second = moved(shops, server)
    assert second["one", "carts"] == (6, 0) and second["two", "carts"] == (6, 6)
    for name in ("one", "two"):
        assert Carts(Server(server.url, f"{server.schema}_{name}")).lines("s") == Carts(shops / name).lines(
            "s"
        )


def test_every_store_is_moved() -> None:
    known = {f"{opened.__module__.replace('.', '/')}.py" for opened in (*moving.STORES.values(), Keys)}
    counted_anew = "agent/access/counts.py"  # of the last minute, and of a key's day
    assert known == set(schemas()) - {"agent/moving.py", counted_anew}


def test_without_a_server_it_says_so(tmp_path: Path) -> None:
    done = RUN.invoke(app, ["database", "move", "--data", str(tmp_path)], env={"LANG": "en_US.UTF-8"})
    assert done.exit_code == 1 and "DAOGOU_DATABASE" in done.output
