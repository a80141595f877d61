"""Where stores may lie, for their tests: a folder, or a schema of its own on a PostgreSQL server that each process of a
run starts when it is first asked for."""

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.tables import Server
from tests.postgres_server import PostgresServer

_NAMES = itertools.count()
in_files = pytest.mark.parametrize("where", ["sqlite"], indirect=True)  # looks into the file itself


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """The server of this process; who stops it starts it again."""
    made = PostgresServer()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest.fixture
def server(postgres: PostgresServer) -> Iterator[Server]:
    """A schema of the test's own."""
    from store.lines import connect

    made = Server(postgres.url, f"t{next(_NAMES)}")
    yield made
    with closing(connect(postgres.url)) as line:
        for shop in ("", "_one", "_two"):
            line.execute(f'DROP SCHEMA IF EXISTS "{made.schema}{shop}" CASCADE')


@pytest.fixture(params=["sqlite", "postgres"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> Path | Server:
    """A folder, then a server."""
    return tmp_path if request.param == "sqlite" else request.getfixturevalue("server")
