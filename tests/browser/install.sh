#!/usr/bin/env bash
# Make sure there is a Chromium for the browser tests: install Debian's package when that is possible, else say how.
set -euo pipefail

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && command -v "$name" >/dev/null; then
        exit 0
    fi
done

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium for the browser tests ..."
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } >/dev/null; then
        exit 0
    fi
fi

echo "No Chromium found, so the browser tests cannot run. On Debian: sudo apt install chromium" >&2
echo "Elsewhere: install Chromium or Chrome and set CHROMIUM to its path." >&2
if [ "${CI:-}" = "true" ]; then
    exit 1
fi
