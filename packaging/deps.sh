#!/usr/bin/env bash
# Installs what deps.txt lists and this machine lacks. Looks for commands and headers, not for packages, so that what
# came another way is fine. Silent when nothing is missing.
set -euo pipefail
cd "$(dirname "$0")"

found() {
    case $1 in
    cmd) command -v "$2" >/dev/null ;;
    hdr) [ -e "/usr/include/$2" ] || [ -e "/usr/local/include/$2" ] || compgen -G "/usr/include/*-linux-gnu/$2" >/dev/null ;;
    lib) compgen -G "/usr/lib/llvm-14/lib/clang/*/lib/linux/lib$2-*.a" >/dev/null ;;
    *) echo "deps.txt: unknown check $1" >&2; exit 1 ;;
    esac
}

missing=()
while read -r kind name package; do
    found "$kind" "$name" || missing+=("$package")
done < <(grep -v '^#' deps.txt | grep -v '^$')
[ ${#missing[@]} -eq 0 ] && exit 0

echo "installing: ${missing[*]}"
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "run as root, or install sudo: apt-get install ${missing[*]}" >&2; exit 1; }
    as_root=(sudo)
fi
"${as_root[@]}" apt-get update -qq
# Tests make clusters of their own; one that runs as a service is nobody's wish.
if [[ " ${missing[*]} " == *" postgresql-"* ]] && [ ! -e /etc/postgresql-common ]; then
    "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
    echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/auk.conf >/dev/null
fi
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# A test runs it on a port of its own; as a service it is nobody's wish.
if [[ " ${missing[*]} " == *" nginx-light "* ]] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --quiet --now nginx
fi
