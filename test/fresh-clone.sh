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

# The host's Node, not the one this repository brings: npm puts that first on PATH by itself.
host_path=$(tr ':' '\n' <<<"$PATH" | grep -v node_modules | paste -sd:)
bare() { env -i HOME="$work/home" TMPDIR="$work/tmp" PATH="$host_path" LANG=C.UTF-8 "$@"; }
say() { echo "fresh clone: $*"; }
fail() {
  say "$*"
  exit 1
}

# Shows the lines as they come. The last one, the final view, is checked; the branch it names is tried out.
start_once() {
  local name=$1 began=$SECONDS output="$work/$1.txt" code=0
  shift
  say "npm start -- --once ($name)"
  bare "$@" npm start --silent -- --once </dev/null 2>&1 | tee "$output" | cut -c1-160 || code=$?
  [ "$code" = 0 ] || fail "npm start -- --once ended with $code ($name)"
  tail -n 1 "$output" | bare node_modules/.bin/node test/check-once.mjs .holt/repositories/holt/sample.git
  say "$name: $((SECONDS - began)) s"
}

# Nothing but loopback; the kernel counts what was meant for another machine and found no way there.
loopback_only='
  "$@" || exit
  lost=$(awk "/^Ip: [0-9]/ { n += \$13 } /^Ip6OutNoRoutes/ { n += \$2 } END { print n + 0 }" /proc/net/snmp /proc/net/snmp6)
  [ "$lost" = 0 ] || { echo "$lost packets were meant for another machine" >&2; exit 1; }'
loopback_up='ip link set lo up || ifconfig lo up'

say "Node $(bare node --version), npm $(bare npm --version), $(bare git --version)"
start_once "first" env
if unshare -rn sh -c "$loopback_up" 2>/dev/null; then
  start_once "loopback-only" unshare -rn sh -c "{ $loopback_up; } 2>/dev/null; $loopback_only" sh
else
  say "this host lets us take no network away: the second start runs with it"
  start_once "second" env
fi

left=$(find "$work/tmp" "$work/home" -mindepth 1 -maxdepth 1 ! -path "$work/home/.npm")
[ -z "$left" ] || fail "files are left: $left"
left=$(grep -lsF "$work/home" /proc/[0-9]*/environ || true)
[ -z "$left" ] || fail "processes are left: $left"
say "works"
