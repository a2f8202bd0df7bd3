#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvsctl without a server, and with servers that are not what they should be:
# what it says, and its exit status.
. "${top_srcdir:-..}/tests/functions.sh"
requires socat
XVS_SOCKET=$dir/none.sock
export XVS_SOCKET

expect "usage: xvsctl" xvsctl --help
expect "xvsctl port add SWITCH PORT" xvsctl port --help
expect "--driver" xvsctl help port add
expect "xvsctl 0" xvsctl --version
expect_fail 2 "no noun" xvsctl
expect_fail 2 "did you mean 'port'" xvsctl prot list
expect_fail 2 "did you mean 'list'" xvsctl port lsit
expect_fail 2 "did you mean 'json'" xvsctl port list --jsn
expect_fail 2 "usage: xvsctl port add SWITCH PORT" xvsctl port add lan
expect_fail 2 "this host only" xvsctl --host http://192.0.2.1 port list
expect_fail 2 "no port number" xvsctl --host localhost:x port list
expect_fail 2 "exclude" xvsctl --host localhost --socket x port list
expect_fail 7 "is xvsd running" xvsctl port list
expect_fail 7 "does xvsd listen" xvsctl --host http://127.0.0.1:1 port list
expect_fail 1 "bad.mof:2:" sh -c "printf 'class X_Y {\nuint99 z; };' \
    >'$dir/bad.mof'; xvsctl schema check '$dir/bad.mof'"
expect "6 classes" xvsctl schema check "$top_srcdir/mof/xvs_acl.mof"

# server NAME [SECONDS]: reads a request, answers with $dir/NAME.answer.
server()
{
    socat "UNIX-LISTEN:$dir/$1.sock,fork" "SYSTEM:dd bs=65536 count=1 \
of=/dev/null status=none; sleep ${2:-0}; cat $dir/$1.answer" 2>/dev/null &
    cleanup_fn "kill $!"
    XVS_SOCKET=$dir/$1.sock
    wait_for 10 unix_listens "$XVS_SOCKET" || fail "socat does not listen"
}

# answer NAME BODY: an HTTP answer with that CIM-XML.
answer()
{
    printf 'HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n\r\n%s' \
        "$2" >"$dir/$1.answer"
    server "$1"
}

echo SSH-2.0-x >"$dir/ssh.answer"
server ssh
expect_fail 1 "not HTTP" xvsctl port list
printf 'HTTP/1.1 401 Who\r\nContent-Length: 0\r\n\r\n' >"$dir/deny.answer"
server deny
expect_fail 6 "who you are" xvsctl port list
: >"$dir/closed.answer"
server closed
expect_fail 1 "without an answer" xvsctl port list
: >"$dir/slow.answer"
server slow 5
expect_fail 8 "--timeout" xvsctl --timeout 1 port list
answer torn "<?xml version='1.0'?><CIM><MESSAGE"
expect_fail 1 "XML" xvsctl port list
answer type "<!DOCTYPE CIM [<!ENTITY a 'b'>]><CIM>&a;</CIM>"
expect_fail 1 "document type" xvsctl port list
answer html "<html><body>hello</body></html>"
expect_fail 1 "no CIM-XML" xvsctl port list
answer esc "<CIM><MESSAGE ID='1'><SIMPLERSP><IMETHODRESPONSE NAME='GetClass'>\
<ERROR CODE='1' DESCRIPTION='&#x9b;31m'/></IMETHODRESPONSE></SIMPLERSP>\
</MESSAGE></CIM>"
expect_fail 1 '\xc2\x9b31m' xvsctl port list
