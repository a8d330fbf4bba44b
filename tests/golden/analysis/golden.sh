#!/usr/bin/env bash
# Writes the golden tables by Lucene into a folder: golden.sh OUT [NAME...]. Says so and ends well where there is no JDK
# or Maven. CHECK=1: compares with the committed ones instead.
set -euo pipefail
cd "$(dirname "$0")"
work=$PWD/../../../build/golden
for tool in javac mvn; do
    command -v $tool >/dev/null || { echo "golden: no $tool here, nothing checked"; exit 0; }
done
mkdir -p "$work/classes"
[ "$work/lib" -nt pom.xml ] || { mvn -q -B -f pom.xml dependency:copy-dependencies -DoutputDirectory="$work/lib" && touch "$work/lib"; }
javac -nowarn -Xlint:-options -cp "$work/lib/*" -d "$work/classes" java/*.java
out=${1:-tables}
shift || true
[ "${CHECK:-0}" = 0 ] || { out=$work/tables; rm -rf "$out"; }
java -cp "$work/classes:$work/lib/*" Golden . "$out" "$@"
[ $# -gt 0 ] || java -cp "$work/classes:$work/lib/*" Queries . "$out"
[ $# -gt 0 ] || java -cp "$work/classes:$work/lib/*" Sentences . "$out"
[ "${CHECK:-0}" = 0 ] || diff -r -q "$out" tables
