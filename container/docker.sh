#!/bin/bash
# `docker` of the image. Where container/init.sh has made a place for it, the first call starts a daemon without root, as
# the caller: the agents' account. It stays in the caller's session and in a table of processes of its own, so the end of
# that session or of the account is the end of the daemon and of every service in it, whatever ids they run under. A daemon
# that does not come up is said on standard error; then the client fails as without one.
set -u

place=${XDG_RUNTIME_DIR:-/run}/agent-docker
socket=unix://$place/docker.sock
log=$place/dockerd.log

# The program behind this one on PATH.
client=
while read -r found; do
  [[ $found -ef ${BASH_SOURCE[0]} ]] || { client=$found && break; }
done < <(type -ap docker)
if [[ -z $client ]]; then
  echo "docker: there is no docker behind $0 on PATH" >&2
  exit 127
fi

answers() {
  "$client" version >/dev/null 2>&1
}

start_daemon() {
  # of a daemon that was ended without a word; what it wrote down of its processes is true of none
  find "$place" -mindepth 1 ! -name lock -delete 2>/dev/null
  # a group of its own, since the caller's ends with the caller
  set -m
  XDG_RUNTIME_DIR=$place DOCKERD_ROOTLESS_ROOTLESSKIT_FLAGS=--pidns \
    dockerd-rootless.sh --host="$socket" --iptables=false --ip6tables=false \
    </dev/null >"$log" 2>&1 9>&- &
  local daemon=$!
  set +m
  until answers; do
    if ! kill -0 "$daemon" 2>/dev/null || ((SECONDS > 60)); then
      echo "docker: the daemon did not come up; the end of $log:" >&2
      tail -n 5 "$log" >&2
      return
    fi
    sleep 0.2
  done
}

if [[ ${DOCKER_HOST:-$socket} == "$socket" && -d $place && -w $place ]]; then
  export DOCKER_HOST=$socket
  # two callers at once start one daemon
  exec 9>"$place/lock"
  flock 9
  answers || start_daemon
  exec 9>&-
fi
exec "$client" "$@"
