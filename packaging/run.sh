#!/usr/bin/env bash
# make run: the server in the foreground, with the packages set imported at the first start. The server is this very
# process, so that signals and its exit status are its own; a helper beside it waits until it is ready.
set -euo pipefail
cd "$(dirname "$0")/.."
auk=build/release/auk
data=${AUK_DATA:-./auk-data}
http=${AUK_HTTP:-127.0.0.1:9200}
url=http://$http
server=$$

wait_until_ready() {
    for _ in $(seq 600); do
        curl -sf "$url/_health/ready" >/dev/null 2>&1 && kill -0 "$server" 2>/dev/null && return 0
        kill -0 "$server" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

import_packages() {
    local documents=datasets/packages/sample.ndjson from_apt=
    if command -v apt-cache >/dev/null; then
        from_apt=$(mktemp --suffix=.ndjson)
        datasets/packages/packages.pl >"$from_apt" 2>/dev/null || true
        [ "$(wc -l <"$from_apt")" -gt 2000 ] && documents=$from_apt
    fi
    "$auk" import "$documents" --url "$url" --index packages --id name --mapping datasets/packages/mapping.json ||
        echo "the import did not end well; it is tried again when auk-data is removed"
    [ -z "$from_apt" ] || rm -f "$from_apt"
}

greet() {
    wait_until_ready || return 0
    curl -sf "$url/packages/_count" >/dev/null || import_packages
    echo
    echo "\$ $auk search packages 'text editor' --size 3"
    "$auk" search packages 'text editor' --url "$url" --size 3 || true
    cat <<TRY

Try next, in another terminal:
  $auk search packages 'lightweight web server' --url $url
  curl '$url/packages/_search?pretty' -H 'content-type: application/json' -d '{"query":{"match":{"summary":"postgres client"}},"aggs":{"sections":{"terms":{"field":"section"}}}}'
  $auk status --url $url
Ctrl-C stops the server; the data stays in $data.
TRY
}

(greet &) # its parent ends at once: the server has no child to look after
exec "$auk" serve --data "$data" --http "$http"
