"""`make fuzz`: serve a copy of a demo shop on loopback, and let schemathesis ask it all that its description allows.

    python -m tests.fuzz DATA [-n 30] [--seed 8]

Everything after DATA goes to `schemathesis run`, whose report and exit status are ours; `schemathesis.toml` says what a
schema cannot.
"""

import subprocess
import sys
from pathlib import Path

from tests.bench.load import PAGE, ROOT, served

LIFTED = {f"DAOGOU_{what}_PER_MINUTE": "1000000" for what in ("REQUESTS", "SESSIONS")}


def main() -> None:
    """Run it."""
    data, asked = Path(sys.argv[1]), sys.argv[2:] or ["-n", "30"]
    with served(data, 1, LIFTED) as (workers, key):
        command = [
            *(Path(sys.executable).parent / "schemathesis", "run", f"{workers[0].url}/api/v1/openapi.json"),
            *(
                "-H",
                f"Authorization: Bearer {key}",
                "-H",
                f"Origin: {PAGE}",
                "--request-timeout",
                "30",
                # It answers for as long as a conversation lasts.
                *("--exclude-path", "/sessions/{session_id}/events"),
                *asked,
            ),
        ]
        sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)


if __name__ == "__main__":
    main()
