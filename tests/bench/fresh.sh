#!/usr/bin/env bash
# How long a newcomer waits: from a fresh clone to a page that answers, then the second start. `bash tests/bench/fresh.sh`
set -euo pipefail
here=$(git -C "$(dirname "${BASH_SOURCE[0]}")" rev-parse --show-toplevel)
work=$(mktemp -d)
port=${PORT:-8599}
server=""
trap '[ -z "$server" ] || kill -- "-$server" 2>/dev/null || true; rm -rf "$work"' EXIT

start() { # seconds from `make run` to the first good answer
  local begun now
  begun=$(date +%s%3N)
  setsid make -C "$work/daogou" --no-print-directory run DATA="$work/shop" PORT="$port" >"$work/log" 2>&1 &
  server=$!
  until curl -fsS "http://localhost:$port/" >/dev/null 2>&1; do
    kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.2
  done
  now=$(date +%s%3N)
  awk "BEGIN { printf \"%.1f\", ($now - $begun) / 1000 }"
  kill -- "-$server"
  wait "$server" 2>/dev/null || true
  server=""
}

git clone -q "$here" "$work/daogou"
echo "fresh clone to a page: $(start) s"
echo "second start:          $(start) s"
