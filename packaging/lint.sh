#!/usr/bin/env bash
# clang-tidy and cppcheck over the sources, and one door a library: nobody else includes its headers.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
status=0

# header, the only folder that may include it
while read -r header folder; do
    if git grep -nE "#include [<\"]$header" -- '*.c' '*.h' '*.cc' | grep -v "^$folder"; then
        echo "lint: only $folder may include $header" >&2
        status=1
    fi
done <<'EOF'
rocksdb/ engine/store/
simdjson engine/json/
unicode/ analyzers/
libstemmer analyzers/
event2/ server/http/
openssl/ server/http/
libpq-fe server/sync/
zstd engine/base/compress
zlib engine/base/compress
yaml server/ops/
EOF

git ls-files 'engine/*.c' 'analyzers/*.c' 'server/*.c' | xargs -P "$(nproc)" -n 8 clang-tidy-14 -p "$build" --quiet \
    2>/dev/null | grep -E 'warning:|error:' && status=1
cppcheck --quiet --std=c11 --error-exitcode=1 --inline-suppr --suppressions-list=packaging/cppcheck.txt \
    --enable=warning,portability $(for d in include/*; do echo -I "$d"; done) engine analyzers server || status=1
exit $status
