#!/usr/bin/env bash
# clang-tidy and cppcheck over the sources, and one door a library: nobody else includes its headers.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
status=0

# header, the only folder that may include it
while read -r header folder; do
    if git grep -nE "#include [<\"]$header" -- '*.c' '*.h' '*.cc' | grep -vE "^$folder"; then
        echo "lint: only $folder may include $header" >&2
        status=1
    fi
done <<'EOF'
rocksdb/ engine/store/
simdjson engine/json/
unicode/ analyzers/
libstemmer analyzers/
hunspell/ analyzers/
event2/ (server/http/|tests/bench/bench_echo)
openssl/ server/http/
libpq-fe server/sync/
zstd.h engine/base/
zlib.h engine/base/
yaml server/ops/
EOF

# One folder at a time, so that a finding is shown soon; what clang-tidy counts on stderr is no news.
for folder in engine/* analyzers server/*; do
    found=$(git ls-files "$folder/*.c" | nice xargs -r -P "$(nproc)" -n 4 clang-tidy-14 -p "$build" --quiet 2>/dev/null) || {
        grep -E 'warning:|error:' <<<"$found" || echo "lint: clang-tidy fails in $folder" >&2
        status=1
    }
done
# cppcheck does not see by itself that auk_fatal never returns.
nice cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppressions-list=packaging/cppcheck.txt \
    -D'auk_fatal(...)=abort()' --enable=warning,portability $(for d in include/*; do echo -I "$d"; done) \
    engine analyzers server || status=1
exit $status
