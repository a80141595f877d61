"""A PostgreSQL on loopback, out of a wheel, that tests can stop and start."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

START_S = 30.0


class PostgresServer:
    """One cluster in a folder of its own; always at the same port, so that clients find it again."""

    def __init__(self, durable: bool = False) -> None:
        """`durable`: with the waits for the disk that a server in use has."""
        pytest.importorskip("pgserver", reason="pgserver is not installed (it has no wheel for this Python)")
        from pgserver._commands import POSTGRES_BIN_PATH

        self._durable = durable
        self._programs = Path(POSTGRES_BIN_PATH)
        # PostgreSQL refuses to run as root: then it runs as nobody, in a folder that nobody may enter.
        self._user = "nobody" if os.geteuid() == 0 else None
        self.folder = Path(tempfile.mkdtemp(prefix="daogou-postgres-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self._process: subprocess.Popen[bytes] | None = None
        if self._user:
            account = pwd.getpwnam(self._user)
            os.chown(self.folder, account.pw_uid, account.pw_gid)
        self._run("initdb", "--auth=trust", "-U", "postgres", "--encoding=utf8", "--no-sync", "-D", self.data)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def start(self) -> "PostgresServer":
        """Start it and wait until it answers. Raises RuntimeError when it does not within 30 s."""
        # Loopback only, no socket file; what a crash of the machine would lose is nothing to a test.
        given = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on" if self._durable else "off",
        }
        options = [part for name, value in given.items() for part in ("-c", f"{name}={value}")]
        log = (self.folder / "log").open("ab")
        self._process = subprocess.Popen(
            [self._programs / "postgres", "-D", self.data, "-p", str(self.port), *options],
            stdout=log,
            stderr=log,
            user=self._user,
            cwd=self.folder,
        )
        log.close()
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            if self._asked("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)):
                return self
            time.sleep(0.05)
        said = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"PostgreSQL does not come up: {said}")

    def stop(self) -> None:
        """End it at once, every connection with it, as a crash would; the data stay."""
        if self._process:
            self._process.send_signal(3)  # SIGQUIT: an immediate shutdown of all its processes
            self._process.wait(20)
            self._process = None

    def remove(self) -> None:
        """Stop it for good."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *words: str | Path) -> None:
        command = [self._programs / program, *words]
        done = subprocess.run(command, capture_output=True, text=True, user=self._user, cwd=self.folder)
        if done.returncode:
            raise RuntimeError(done.stderr)

    def _asked(self, program: str, *words: str) -> bool:
        return subprocess.run([self._programs / program, *words], cwd=self.folder).returncode == 0
