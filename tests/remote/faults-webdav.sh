#!/usr/bin/env bash
# faults-webdav: WebDAV through faults, see faults.bash.
# shellcheck source=tests/remote/faults.bash
. "${top_srcdir:-.}/tests/remote/faults.bash"
serve nginx HTTP_PORT || skip_all "$why"

# shellcheck disable=SC2034 # for faults.bash
kind=webdav server=nginx listing=.
suite
check "webdav: nothing but cut connections for a while, then on from there" fails_then_goes_on x '"fault":"reset"' \
  'reset|closed|connection|recv|send'
plan
