#!/usr/bin/env bash
# Writes the golden tables by Lucene into a folder: golden.sh OUT [NAME...]. Says so and ends well where there is no JDK
# or Maven. CHECK=1: compares with the committed ones instead.
set -euo pipefail
cd "$(dirname "$0")"
out=${1:-tables}
shift || true
[ "${CHECK:-0}" = 0 ] || { out=$PWD/../../../build/golden/tables; rm -rf "$out"; }
lucene() {
    local status=0
    ./lucene.sh "$@" || status=$?
    [ $status != 3 ] || exit 0
    return $status
}
lucene Golden . "$out" "$@"
[ $# -gt 0 ] || lucene Queries . "$out"
[ $# -gt 0 ] || lucene Sentences . "$out"
[ "${CHECK:-0}" = 0 ] || diff -r -q "$out" tables
