#!/usr/bin/env bash
# Runs a class of java/ with Lucene's packages: lucene.sh CLASS [ARGUMENT...]. Says so and ends with status 3 where there
# is no JDK or Maven.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$here/../../../build/golden
for tool in javac mvn; do
    command -v $tool >/dev/null || { echo "no $tool here, so nothing by Lucene"; exit 3; }
done
mkdir -p "$work/classes"
[ "$work/lib" -nt "$here/pom.xml" ] || {
    mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib" && touch "$work/lib"
}
javac -nowarn -Xlint:-options -cp "$work/lib/*" -d "$work/classes" "$here"/java/*.java 2>&1 | grep -v '^Note:' || true
exec java -cp "$work/classes:$work/lib/*" "$@"
