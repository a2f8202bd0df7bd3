#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# The web page, in a real browser: what is shown is what is there, forms change
# it, refusals are said, keys do what a mouse does, nothing of others is taken
# for markup or for the admin's wish.  "make page" does more.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping curl
in_namespaces "$@"
. "$top_srcdir/tests/page/host.sh"

page_host
xvsctl schema add "$top_srcdir/tests/plugins/nested.mof"
xvsctl ext install nested.so
xvsctl ext enable nested lan
page_web
in_web python3 -B "$top_srcdir/tests/page/check.py" \
    admin "$url" "$switch_pid" || fail "the page"

# What no browser sends, and what others could.
post()
{
    in_web curl -s -o "$dir/answer" -w '%{http_code}' -u alice:secret \
        -H "Content-Type: ${type:-application/xml}" -d '<CIM/>' "$@" \
        "${basic}cimom"
}
[ "$(post)" = 501 ] || fail "a client without Origin: $(cat "$dir/answer")"
[ "$(post -H 'Origin: http://evil.example')" = 403 ] || fail "another Origin"
[ "$(post -H 'Origin: null')" = 403 ] || fail "Origin null"
[ "$(post -H 'Sec-Fetch-Site: cross-site')" = 403 ] || fail "cross-site"
[ "$(type=text/plain post)" = 415 ] || fail "text/plain"

# Without the token there are the page's files, and nothing else.
ask()
{
    in_web curl -s -o "$dir/answer" -w '%{http_code}' "$@"
}
gate=${url%%#*}
[ "$(ask "$gate")" = 200 ] || fail "no page"
[ "$(ask "${gate}metrics")" = 401 ] || fail "metrics without token"
[ "$(ask -H "Host: evil.example" "$gate")" = 403 ] || fail "another Host"
[ "$(ask -H "Authorization: Bearer ${url##*=}" "${gate}metrics")" = 200 ] \
    || fail "metrics with token: $(cat "$dir/answer")"
[ "$(ask -H "Authorization: Bearer ${url##*=}x" "${gate}metrics")" = 401 ] \
    || fail "a wrong token"
expect_fail 7 "is xvsd running" xvsctl --socket "$dir/none" web
