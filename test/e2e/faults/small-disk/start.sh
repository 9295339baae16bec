#!/bin/sh
# In a mount namespace of its own: puts the temporary folder on a small file system, which is full from the beginning where
# a file `full` stands beside the home, and starts the command.
set -e
mount -t tmpfs -o size=64m tmpfs "$TMPDIR"
if [ -e "$(dirname "$HOME")/full" ]; then
  dd if=/dev/zero of="$TMPDIR/filler" bs=1M 2>/dev/null || true
fi
exec "$@"
