#!/bin/sh
# Starts a command under an init where the machine has one, else by itself. Either way it replaces this shell, so signals
# and the exit code are its own.
if [ "$$" = 1 ] && command -v tini >/dev/null; then
  exec tini -- "$@"
fi
exec "$@"
