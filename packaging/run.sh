#!/usr/bin/env bash
# make run: starts the server in the foreground, with the packages set imported at the first start.
set -euo pipefail
cd "$(dirname "$0")/.."
auk=build/release/auk
data=${AUK_DATA:-./auk-data}
http=${AUK_HTTP:-127.0.0.1:9200}
url=http://$http

"$auk" serve --data "$data" --http "$http" &
server=$!
trap 'kill -TERM $server 2>/dev/null || true' INT TERM
trap 'kill -TERM $server 2>/dev/null || true; wait $server 2>/dev/null || true' EXIT

for _ in $(seq 100); do
    curl -sf "$url/_health/ready" >/dev/null 2>&1 && break
    kill -0 $server 2>/dev/null || { wait $server; exit 1; }
    sleep 0.1
done

if ! curl -sf "$url/packages/_count" >/dev/null; then
    documents=datasets/packages/sample.ndjson
    if command -v apt-cache >/dev/null; then
        from_apt=$(mktemp --suffix=.ndjson)
        datasets/packages/packages.pl >"$from_apt" || true
        [ "$(wc -l <"$from_apt")" -gt 2000 ] && documents=$from_apt
    fi
    "$auk" import "$documents" --url "$url" --index packages --id name --mapping datasets/packages/mapping.json
    [ -n "${from_apt:-}" ] && rm -f "$from_apt"
fi

echo
echo "\$ $auk search packages 'text editor'"
"$auk" search packages 'text editor' --url "$url" --size 3
cat <<EOF

Try next, in another terminal:
  $auk search packages 'lightweight web server' --url $url
  curl '$url/packages/_search?pretty' -H 'content-type: application/json' -d '{"query":{"match":{"summary":"postgres client"}},"aggs":{"sections":{"terms":{"field":"section"}}}}'
  $auk status --url $url
Ctrl-C stops the server; the data stays in $data.
EOF
wait $server
