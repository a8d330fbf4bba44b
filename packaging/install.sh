#!/usr/bin/env bash
# Installs the release binary, the manual page and the systemd unit. DESTDIR is put in front of every path, PREFIX
# (default /usr/local) is what the unit and the manual page live under.
set -euo pipefail
cd "$(dirname "$0")/.."
prefix=${PREFIX:-/usr/local}
destination=${DESTDIR:-}
binary=build/release/auk
[ -x "$binary" ] || { echo "build it first: make build" >&2; exit 1; }

case $prefix in
/*) ;;
*) echo "PREFIX must be an absolute path, not \"$prefix\"" >&2; exit 1 ;;
esac
# systemd looks for units of packages in /usr/lib, for the administrator's own in /usr/local/lib.
units=$prefix/lib/systemd/system

install -D -m 755 "$binary" "$destination$prefix/bin/auk"
install -d "$destination$prefix/share/man/man1" "$destination$units"
"$binary" help --man >"$destination$prefix/share/man/man1/auk.1"
chmod 644 "$destination$prefix/share/man/man1/auk.1"
sed "s|@PREFIX@|$prefix|g" packaging/auk.service >"$destination$units/auk.service"
chmod 644 "$destination$units/auk.service"

echo "installed under $destination$prefix: bin/auk, share/man/man1/auk.1, lib/systemd/system/auk.service"
if [ -z "$destination" ] && [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
    echo "start it: systemctl enable --now auk"
fi
