#!/usr/bin/env bash
# Tries Holt as a newcomer does: a fresh clone, an empty HOME, a bare environment, the host's own Node, npm and git.
# `npm start -- --once` twice, the second time with loopback only where the host lets us take the network away.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/tmp"
git clone --quiet "$source_dir" "$work/holt"
cd "$work/holt"

# The host's Node, not the one this repository brings: `npm` scripts put theirs first on PATH.
host_path=$(tr ':' '\n' <<<"$PATH" | grep -v node_modules | paste -sd:)
bare() { env -i HOME="$work/home" TMPDIR="$work/tmp" PATH="$host_path" LANG=C.UTF-8 "$@"; }

check_once() {
  local name=$1 output="$work/$1.txt"
  shift
  echo "fresh clone: npm start -- --once ($name)"
  if ! bare "$@" npm start --silent -- --once >"$output" 2>&1; then
    cat "$output"
    echo "fresh clone: npm start -- --once failed ($name)"
    exit 1
  fi
  tail -n 25 "$output" | cut -c1-200
  tail -n 1 "$output" | bare "$work/holt/node_modules/.bin/node" "$work/holt/test/check-once.mjs"
}

check_once "first" env
if unshare -rn true 2>/dev/null; then
  check_once "loopback-only" unshare -rn sh -c 'ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || true; exec "$@"' sh
else
  echo "fresh clone: this host allows no network namespaces; the second start ran with its network"
  check_once "second" env
fi

left=$(find "$work/tmp" -mindepth 1 -maxdepth 1 ! -name 'node-compile-cache' | head -5)
[ -z "$left" ] || { echo "fresh clone: temporary files are left: $left"; exit 1; }
echo "fresh clone: works"
