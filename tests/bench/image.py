"""Build what the Dockerfile builds, without a container engine, and serve a shop from it.

The steps of the stage `build` are run one by one in a folder, with that folder in the place of `/`; then the command of
the stage `run` is started with its environment, as a user who may write to the data and to /tmp only, far from the
checkout. So a package or a data file that an installation forgets is found, and what writes where nothing is written.

    python -m tests.bench.image /tmp/demo_shop --folder /tmp/image [--python /usr/bin/python3] [--arg NAME=VALUE]
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

ROOT = Path(__file__).parent.parent.parent
NOBODY = 65534
PAGES = ("/", "/widget.js", "/store", "/api/v1/openapi.json", "/api/v1/docs")  # each with files of its own
PLACES = ("/opt/daogou", "/src")  # what the build writes to


def instructions(dockerfile: str) -> Iterator[tuple[str, str]]:
    """(instruction, its words) of a Dockerfile, comments left out and continued lines joined."""
    lines = "\n".join(line for line in dockerfile.splitlines() if not line.lstrip().startswith("#"))
    for line in re.sub(r"\\\n\s*", " ", lines).splitlines():
        if line.strip():
            name, _, rest = line.strip().partition(" ")
            yield name.upper(), rest.strip()


def stage(name: str) -> list[tuple[str, str]]:
    """The instructions of one stage."""
    found: list[tuple[str, str]] = []
    inside = False
    for instruction, words in instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")):
        if instruction == "FROM":
            inside = words.endswith(f" AS {name}")
        elif inside:
            found.append((instruction, words))
    return found


def environment(steps: list[tuple[str, str]], base: dict[str, str]) -> dict[str, str]:
    """What ENV and ARG of the steps set on top of `base`."""
    made = dict(base)
    for instruction, words in steps:
        if instruction == "ENV" or (instruction == "ARG" and words.partition("=")[0] not in base):
            for one in shlex.split(words):
                key, _, value = one.partition("=")
                made[key] = value.replace("$PATH", made.get("PATH", ""))
    return made


def build(folder: Path, given: dict[str, str]) -> None:
    """Run the steps of the stage `build` in `folder`. Raises CalledProcessError."""
    base = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    env, steps = {**base, **given}, stage("build")
    source = folder / "src"
    source.mkdir(parents=True, exist_ok=True)
    for instruction, words in steps:
        words = placed(words, folder)
        if instruction in ("ENV", "ARG"):
            env = environment([(instruction, words)], env)
        elif instruction == "COPY":
            *names, target = words.split()
            for name in names:
                copy(ROOT / name, source / (name if target.startswith(".") else target))
        elif instruction == "RUN":
            started = time.monotonic()
            subprocess.run(["/bin/sh", "-c", words], cwd=source, env=env, check=True)
            print(f"{time.monotonic() - started:6.1f} s  {words[:90]}", flush=True)


def copy(what: Path, where: Path) -> None:
    """As COPY, without what .dockerignore leaves out."""
    if what.is_dir():
        shutil.copytree(
            what, where, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"), dirs_exist_ok=True
        )
    else:
        shutil.copyfile(what, where)


def placed(words: str, folder: Path) -> str:
    """The words with their places in `folder`."""
    for place in PLACES:
        words = re.sub(rf"(?<![\w.]){place}\b", f"{folder}{place}", words)
    return words


def serve(folder: Path, shop: Path, port: int) -> dict[str, object]:
    """Start what the stage `run` starts, hold a dialog, end it: what came of it."""
    steps = stage("run")
    data, log = folder / "data", folder / "server.log"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(shop, data)
    for path in (data, *data.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
        path.chmod(0o700 if path.is_dir() else 0o600)
    base = {"PATH": "/usr/local/bin:/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    env = {k: placed(v, folder) for k, v in environment(steps, base).items()} | {"DAOGOU_DATA": str(data)}
    (command,) = [json.loads(words) for instruction, words in steps if instruction == "CMD"]
    command = [str(folder / "opt/daogou/bin" / command[0]), *command[1:], "--port", str(port)]
    key = subprocess.run(
        [command[0], "keys", "make", "--json"], env=env, cwd="/", user=NOBODY, capture_output=True, check=True
    )
    secret = {"Authorization": f"Bearer {json.loads(key.stdout)['token']}"}
    started = time.monotonic()
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, env=env, cwd=data, user=NOBODY, group=NOBODY, stdout=out, stderr=out
        )
    try:
        url = f"http://127.0.0.1:{port}"
        while not ready(url):
            if process.poll() is not None or time.monotonic() - started > 300:
                raise RuntimeError(log.read_text(errors="replace")[-4000:])
            time.sleep(0.5)
        took = time.monotonic() - started
        with httpx.Client(
            base_url=f"{url}/api/v1", headers=secret, timeout=120, follow_redirects=True
        ) as client:
            session = client.post("/sessions").raise_for_status().json()["id"]
            told = client.post(f"/sessions/{session}/messages", json={"text": "红色连衣裙，300以内"}).text
            photo = (ROOT / "tests/dialogs/photos/red_dress.webp").read_bytes()
            path = f"/sessions/{session}/messages"
            seen = client.post(path, data={"text": "what goes with this?"}, files={"photo": photo}).text
            pages = {path: client.get(url + path).status_code for path in PAGES}
        process.send_signal(signal.SIGTERM)
        process.wait(60)
    finally:
        process.kill()
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return {
        "ready_s": round(took, 1),
        "products": "event: products" in told,
        "looked": "event: looked" in seen,
        "outfit": "event: outfit" in seen,
        "pages": pages,
        "whole": set(pages.values()) == {200},
        "complaints": [line["event"] for line in lines if line["level"] in ("error", "warning")],
    }


def ready(url: str) -> bool:
    """Whether it answers."""
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def main() -> int:
    options = argparse.ArgumentParser(description="Build and serve what the Dockerfile builds.")
    options.add_argument("shop", type=Path, help="a filled shop, which is copied")
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--port", type=int, default=8599)
    options.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE")
    options.add_argument("--python", type=Path, help="the Python of the image, which everybody may read")
    options.add_argument("--built", action="store_true", help="it is built already")
    given = options.parse_args()
    if not given.built:
        shutil.rmtree(given.folder, ignore_errors=True)
        base = given.folder / "base"
        base.mkdir(parents=True)
        (base / "python").symlink_to(given.python or Path(sys.base_prefix) / "bin" / "python3")
        set_by_hand = dict(one.split("=", 1) for one in given.arg)
        build(given.folder, {"PATH": f"{base}:{os.environ['PATH']}", **set_by_hand})
    found = serve(given.folder, given.shop.resolve(), given.port)
    measured = subprocess.run(["du", "-sm", given.folder / "opt"], capture_output=True, text=True)
    size = measured.stdout.split()[0]
    print(json.dumps({**found, "installed_mb": int(size)}))
    fine = found["products"] and found["looked"] and found["outfit"] and found["whole"]
    return 0 if fine and not found["complaints"] else 1


if __name__ == "__main__":
    sys.exit(main())
