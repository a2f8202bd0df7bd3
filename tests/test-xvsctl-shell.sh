#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvsctl shell as a script and on a terminal, and completion for bash and zsh.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip bash
guest_veth a 192.0.2.1/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"

# shell STATUS OPTIONS: a script on standard input.
shell()
{
    want=$1
    shift
    got=0
    xvsctl shell "$@" >"$dir/out" 2>"$dir/err" || got=$?
    [ "$got" = "$want" ] || fail "shell: exit $got: $(cat "$dir/err")"
}

shell 0 <<EOF
# a comment
switch add lan      # another
port add lan 'a' --driver packet "--device=$tag.a"

port list --names
EOF
grep -qx a "$dir/out" || fail "shell: $(cat "$dir/out")"
printf 'switch show none\n' | shell 3
printf 'switch show none\nswitch list\n' | shell 0
printf 'switch show none\nswitch list\n' | shell 3 -e
! grep -q lan "$dir/out" || fail "--stop goes on"
printf 'exit 5\nswitch list\n' | shell 5
printf "switch add 'x\n" | shell 2
grep -q "quote" "$dir/err" || fail "open quote: $(cat "$dir/err")"
XVS_SOCKET='' shell 0 --socket "$dir/xvsd.sock" <<EOF
switch list
EOF

# A terminal: a line is edited, completed and remembered.
if command -v script >/dev/null; then
    printf 'switch li\t\nexit\n' | XVS_HISTORY=$dir/history TERM=xterm \
        script -qec 'xvsctl shell' /dev/null >"$dir/out" 2>&1 || :
    grep -q 'lan' "$dir/out" || fail "terminal: $(cat "$dir/out")"
    grep -q 'list' "$dir/history" || fail "history"
    expect_fail 1 "package libedit2" without libedit.so.2 \
        script -qec 'xvsctl shell' /dev/null
fi
# What few commands need is not loaded with all of them.
! ldd "$top_builddir/xvsctl" | grep -E 'gnutls|edit|pcap' \
    || fail "loaded at the start"

# offers WORD LINE...: the command's own candidates.
offers()
{
    want=$1
    shift
    xvsctl complete -- "$@" | grep -qx -- "$want" \
        || fail "complete $*: $(xvsctl complete -- "$@")"
}
offers port po
offers remove port rem
offers --json port list --j
offers lan port list ''
offers a port show lan ''
offers lan/a query XVS_AclPortStatus ''
offers XVS_AclPortRule feature add XVS_
offers Action= feature add XVS_AclPortRule lan/a Ac
offers Action=deny feature add XVS_AclPortRule lan/a Action=
offers ApplySettings call XVS_Host ''
offers packet port add lan b --driver ''
offers :files schema add ''
! xvsctl complete -- feature add XVS_ | grep -qx XVS_FeatureSettings \
    || fail "an abstract class is offered"

# bash LINE: what the script of bash makes of it.
bash_offers()
{
    want=$1
    got=$(bash --norc -c '
        . "$1/conf/xvsctl.bash"
        compopt() { :; }
        COMP_LINE=$2 COMP_POINT=${#2}
        read -r -a COMP_WORDS <<<"${2//=/ = }"
        [[ $2 != *[[:space:]=] ]] || COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _xvsctl
        printf "%s\n" "${COMPREPLY[@]}"' bash "$top_srcdir" "$2")
    echo "$got" | grep -qx -- "$want" || fail "bash: $2: $got"
}
bash_offers switch "xvsctl sw"
bash_offers lan "xvsctl port list "
bash_offers Action= "xvsctl feature add XVS_AclPortRule lan/a Act"
bash_offers deny "xvsctl feature add XVS_AclPortRule lan/a Action=d"
if command -v zsh >/dev/null; then
    zsh -n "$top_srcdir/conf/_xvsctl" || fail "_xvsctl"
    got=$(zsh -f -c 'compadd() { while [ "$1" != -- ]; do shift; done; shift
        printf "%s\n" "$@" }
        words=(xvsctl port li) CURRENT=3
        . "$1"' zsh "$top_srcdir/conf/_xvsctl")
    [ "$got" = list ] || fail "zsh: $got"
fi
