#!/bin/sh
# Starts a command under an init where the machine has one, else by itself. Either way it replaces this shell, so signals
# and the exit code are its own.
#
# With HARNESS_ROOTLESS_DOCKER=1 and no DOCKER_HOST it first makes a place for a Docker daemon of the agents' account, which
# container/docker.sh starts when somebody calls `docker`. What goes wrong there is said, and the command starts all the same.

say() {
  echo "init: $*" >&2
}

give_ids() {
  grep -q "^$1:" "$2" 2>/dev/null || echo "$1:100000:65536" >>"$2"
}

# As on any machine; where such a device is for root alone, a daemon without root has no network and no overlay.
open_devices() {
  for device in /dev/net/tun /dev/fuse; do
    [ ! -c "$device" ] || chmod 0666 "$device" || say "rootless Docker may lack $device"
  done
}

make_place_for_docker() {
  account=${HARNESS_AGENT_USER:-}
  account=${account%%:*}
  place=${XDG_RUNTIME_DIR:-/run}/agent-docker
  if [ -z "$account" ]; then
    say "no rootless Docker: HARNESS_AGENT_USER names no account it could belong to"
  elif ! command -v dockerd-rootless.sh >/dev/null; then
    say "no rootless Docker: dockerd-rootless.sh is not installed"
  elif ! { mkdir -p "$place" && chown "$account" "$place" && chmod 0700 "$place"; } then
    say "no rootless Docker: $place cannot be made"
  elif ! { give_ids "$account" /etc/subuid && give_ids "$account" /etc/subgid; } then
    say "no rootless Docker: $account cannot be given subordinate ids"
  else
    open_devices
    export DOCKER_HOST="unix://$place/docker.sock"
  fi
}

if [ "${HARNESS_ROOTLESS_DOCKER:-}" = 1 ] && [ -z "${DOCKER_HOST:-}" ]; then
  make_place_for_docker
fi
if [ "$$" = 1 ] && command -v tini >/dev/null; then
  exec tini -- "$@"
fi
exec "$@"
