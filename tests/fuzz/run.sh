#!/usr/bin/env bash
# usage: tests/fuzz/run.sh BUILD SECONDS [TARGET...]
#
# Runs each fuzz target for so many seconds, from the committed seeds and from what earlier runs
# found (BUILD/corpus). A finding stays in BUILD/findings and ends the run with its exit status.
set -euo pipefail
build=$(realpath "$1") seconds=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
    for program in "$build"/tests/fuzz/fuzz_*; do
        [ -x "$program" ] && [ -f "$program" ] && targets+=("${program##*/fuzz_}")
    done
fi
status=0
for target in "${targets[@]}"; do
    found="$build/corpus/$target"
    mkdir -p "$found" "$build/findings"
    echo "fuzz_$target: $seconds s"
    if ! "$build/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=8192 \
        -artifact_prefix="$build/findings/$target-" -print_final_stats=1 \
        "$found" "$here/corpus/$target" >"$build/findings/$target.log" 2>&1; then
        tail -40 "$build/findings/$target.log"
        status=1
    fi
    grep -a 'executed_units\|new_units' "$build/findings/$target.log" || true
done
exit $status
