"""What every test stands on: no network but loopback, no model provider, one demo shop for the whole run.

`pristine`    the demo shop, made once a run however many processes share it (or given with `--demo DIR`); copied only.
              Copies are of it and never of a shop in use: to close a file that SQLite has open lets go of its locks
`demo_data`   this process's copy of it; tests talk in it, but leave the products as they are
`demo_copy`   a fresh copy for a test that changes the shop
`assistant`   an Assistant on `demo_data`; sessions keep their own carts, so tests may talk to it freely
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before any library reads them: nothing is asked of a hub, nothing is reported, no setting of this machine leaks in.
os.environ.update(
    {
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "ANONYMIZED_TELEMETRY": "False",
        "TOKENIZERS_PARALLELISM": "false",
    }
)
for name in [n for n in os.environ if n.startswith(("DAOGOU_", "LANGSMITH_", "LANGCHAIN_"))]:
    del os.environ[name]
if (
    "PYTEST_XDIST_WORKER" in os.environ
):  # torch's threads would spin for the cores that the other processes need
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest  # noqa: E402  (what it loads must find the environment above)
from filelock import FileLock  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402
from postgres_places import postgres, server, where  # noqa: E402, F401

if TYPE_CHECKING:
    from agent.assistant import Assistant

# A machine that others keep busy makes no test wrong.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
SHARED = Path(__file__).parent.parent.parent / "shared" / "data"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--demo", help="a folder that `daogou demo` filled, to copy instead of drawing one for this run"
    )
    parser.addoption(
        "--postgres", action="store_true", help="the shared assistant keeps conversations in PostgreSQL"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where processes share the tests (each begins in its own part of the list), one begins with what needs the demo
    shop and draws it, while the next has modules that need none, and does not wait."""
    if "PYTEST_XDIST_WORKER" not in os.environ or config.getoption("--demo"):
        return
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.partition("::")[0], []).append(item)
    needing: list[pytest.Item] = []
    free: list[pytest.Item] = []
    for tests in modules.values():
        demo = any("pristine" in getattr(item, "fixturenames", ()) for item in tests)
        (needing if demo else free).extend(tests)
    half = len(needing) // 2
    items[:] = [*needing[:half], *free, *needing[half:]]


@pytest.fixture(autouse=True)
def no_provider(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that would build a provider's model fails, unless it is marked `live` (a real one) or `loopback` (a server
    that the test starts)."""
    if request.node.get_closest_marker("live") or request.node.get_closest_marker("loopback"):
        return

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a test asked for a real model: mark it `live` or inject a fake one")

    monkeypatch.setattr("langchain.chat_models.init_chat_model", refuse)


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A test that forgets `--data` finds an empty shop, never the one of whoever runs the tests."""
    monkeypatch.setenv("DAOGOU_DATA", str(tmp_path_factory.getbasetemp() / "no-shop"))


@pytest.fixture(scope="session")
def pristine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    given: str | None = request.config.getoption("--demo")
    if given:
        return Path(given).resolve()
    base = tmp_path_factory.getbasetemp()
    run = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base  # what the processes of a run share
    folder, made = run / "demo-shop", run / "demo-shop.made"
    with FileLock(run / "demo-shop.lock"):
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)  # of a process that died over it
            _draw(folder)
            made.touch()
    return folder


def _draw(folder: Path) -> None:
    from agent.assistant import Assistant
    from agent.settings import Settings

    assistant = Assistant.open(Settings(data=folder, model="offline"))
    try:
        assistant.load_demo()
    finally:
        assistant.close()


@pytest.fixture(scope="session")
def demo_data(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(pristine, tmp_path_factory.mktemp("demo") / "shop"))


@pytest.fixture
def demo_copy(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "shop"))


@pytest.fixture(scope="module")
def one_pair_of_eyes() -> Iterator[None]:
    """For a module that opens many shops: the models need not be read again each time."""
    from perception.eyes import Eyes

    eyes = Eyes.embedded()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Eyes, "embedded", lambda: eyes)
        yield


@pytest.fixture(scope="session")
def assistant(demo_data: Path, request: pytest.FixtureRequest) -> Iterator["Assistant"]:
    from agent.assistant import Assistant
    from agent.settings import Settings

    on_a_server = request.config.getoption("--postgres")
    database = request.getfixturevalue("postgres").url if on_a_server else None
    opened = Assistant.open(Settings(data=demo_data, model="offline", database=database))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def shared_clothing() -> Path:
    """Real photos beside the repository; a test that needs them is skipped where they are absent."""
    folder = SHARED / "clothing"
    if not folder.is_dir():
        pytest.skip(f"no real photos at {folder}")
    return folder
