"""Dockerfile, compose.yaml and Caddyfile, without a container engine: what must be so of each, and that they agree.

`python -m tests.bench.image` runs the Dockerfile's steps; `tests/topology.py --caddy` the Caddyfile.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.settings import Settings
from agent.telemetry import figures
from tests.bench.image import instructions, stage
from tests.reverse_proxy import ANY_WORKER, BODY_BYTES, INSIDE
from ui.ops import health, metrics

ROOT = Path(__file__).parent.parent
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EXAMPLE = dict(
    line.split("=", 1)
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
)
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text(encoding="utf-8")
OURS = ("worker1", "worker2", "fill", "chroma")
WORKERS = ("worker1", "worker2")


def test_only_the_proxy_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["back"]["internal"] is True
    for name in ("postgres", "chroma", "fill"):
        assert SERVICES[name]["networks"] == ["back"]
    assert SERVICES["proxy"]["networks"] == ["front"]
    assert not [name for name, service in SERVICES.items() if "network_mode" in service]


def test_two_workers_are_the_same() -> None:
    first, second = ({k: v for k, v in SERVICES[name].items() if k != "build"} for name in WORKERS)
    assert first == second
    assert set(first["networks"]) == {"front", "back"}


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_comes_back_and_says_how_it_is(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] in ("unless-stopped", "on-failure:3")
    assert name == "fill" or service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert not service.get("privileged") and "no-new-privileges:true" in service["security_opt"]
    assert service["logging"]["options"]["max-size"]
    assert re.fullmatch(r"[a-z/]+:(?!latest)[\w.-]+", service["image"])
    for volume in service.get("volumes", []):
        source = volume.split(":")[0]
        assert source.startswith("./") or source in COMPOSE["volumes"], volume


@pytest.mark.parametrize("name", OURS)
def test_our_own_run_with_as_little_as_they_need(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True and service["tmpfs"] == ["/tmp"] and service["cap_drop"] == ["ALL"]
    assert "user" not in service and "cap_add" not in service  # the image's own user


def test_who_waits_for_whom() -> None:
    for name in WORKERS:
        waits = {part: how["condition"] for part, how in SERVICES[name]["depends_on"].items()}
        assert waits == {
            "postgres": "service_healthy",
            "chroma": "service_healthy",
            "fill": "service_completed_successfully",
        }
    assert SERVICES["proxy"]["depends_on"]["worker1"]["condition"] == "service_healthy"
    assert health.PATHS[1] in SERVICES["worker1"]["healthcheck"]["test"][-1]


def test_a_worker_has_the_time_to_end_that_it_takes() -> None:
    settings = SERVICES["worker1"]["environment"]
    ending = float(settings["DAOGOU_SHUTDOWN_LEAD_S"]) + float(settings["DAOGOU_SHUTDOWN_S"])
    assert int(SERVICES["worker1"]["stop_grace_period"].rstrip("s")) > ending + 5
    interval = re.search(r"health_interval (\d+)s", CADDYFILE)
    assert interval and float(settings["DAOGOU_SHUTDOWN_LEAD_S"]) > 2 * int(interval[1])


def test_every_setting_is_one_and_no_secret_stands_in_the_file() -> None:
    known = {f"DAOGOU_{name.upper()}" for name in Settings.model_fields} | {"DAOGOU_SITE", "DAOGOU_WORKERS"}
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            assert not variable.startswith("DAOGOU_") or variable in known, (name, variable)
            if re.search(r"PASSWORD|TOKEN|KEY|DATABASE", variable):
                assert value.count("${") == 1, variable
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert used == set(EXAMPLE)
    secrets = {name for name in EXAMPLE if re.search(r"PASSWORD|TOKEN|KEY", name)}
    assert secrets and not [name for name in secrets if EXAMPLE[name]]
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()


def test_what_is_left_empty_is_as_if_it_were_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in EXAMPLE.items():
        if name.startswith("DAOGOU_"):
            monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.staff_password is None and settings.metrics_token is None
    assert settings.model_base_url is None and settings.model == "offline"


def test_the_proxy_of_the_tests_does_what_the_caddyfile_says() -> None:
    inside = re.search(r"@inside path (.+)", CADDYFILE)
    anywhere = re.search(r"@anywhere path (.+)", CADDYFILE)
    size = re.search(r"max_size (\d+)MB", CADDYFILE)
    assert inside and set(inside[1].split()) == {*INSIDE, f"{health.PATHS[1]}/*"}
    assert set(INSIDE) == {metrics.PATH, *health.PATHS[:2]} and f"health_uri {health.PATHS[2]}\n" in CADDYFILE
    assert anywhere and {path.rstrip("*") for path in anywhere[1].split()} == set(ANY_WORKER)
    assert size and int(size[1]) * 1_000_000 == BODY_BYTES
    assert CADDYFILE.count("lb_policy cookie daogou_worker") == 1 and "flush_interval -1" in CADDYFILE


def test_the_image_runs_as_nobody_in_particular_and_is_pinned() -> None:
    build, run = stage("build"), stage("run")
    steps = " ".join(words for name, words in build if name == "RUN")
    assert "-c constraints.txt" in steps and "pip install --no-deps ." in steps and " -e " not in steps
    assert [words for name, words in run if name == "USER"] == ["10001:10001"]
    (check,) = [words for name, words in run if name == "HEALTHCHECK"]
    assert health.PATHS[0] in check
    assert yaml.safe_load(next(w for n, w in run if n == "CMD"))[:2] == ["daogou", "serve"]
    assert not [1 for name, _ in [*build, *run] if name == "ADD"]


def test_every_room_goes_into_the_image_and_nothing_else() -> None:
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]
    rooms = {name.rstrip("*") for name in packages["include"]}
    copied = {word for name, words in stage("build") if name == "COPY" for word in words.split()[:-1]}
    assert rooms < copied
    ignore = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignore if line.startswith("!")}
    assert "*" in ignore and let_in == copied


def test_instructions_are_read_as_docker_reads_them() -> None:
    text = 'FROM a AS b\n# no\nRUN one \\\n  # neither\n  && two\nCMD ["x"]\n'
    assert list(instructions(text)) == [("FROM", "a AS b"), ("RUN", "one  && two"), ("CMD", '["x"]')]


def test_the_figures_that_the_docs_name_exist() -> None:
    text = (ROOT / "docs" / "production.md").read_text(encoding="utf-8")
    told = {
        sample.removesuffix("_total")
        for metric in figures.REGISTRY.collect()
        for sample in (metric.name, *(s.name for s in metric.samples))
    }
    named = set(re.findall(r"\b((?:daogou|process)_(?!front\b|worker\b|metrics\b|data\b)[a-z_]+)\b", text))
    for name in named:
        plain = re.sub(r"_(total|bucket)$", "", name)
        assert plain in told, name
    assert len(named) > 15
    for variable in set(re.findall(r"\b(DAOGOU_[A-Z_]+)", text)):
        known = {f"DAOGOU_{name.upper()}" for name in Settings.model_fields} | set(EXAMPLE)
        assert variable in known, variable
