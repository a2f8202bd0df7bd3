#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C1: a vendor's code comes into xvs-switch when an extension is enabled inline,
# and not before: installing and upgrading try it in other processes.  A file
# that was exchanged meanwhile is not loaded.
. "${top_srcdir:-..}/tests/functions.sh"
XVS_TEST_TOLD=$dir/told
export XVS_TEST_TOLD
: >"$XVS_TEST_TOLD"
chmod 666 "$XVS_TEST_TOLD"
mkdir -p "$dir/plugins"
start_host
built=$top_builddir/tests/plugins

# put FILE: what is told.so in the plugin folder from now on.
put()
{
    cp "$built/$1" "$dir/plugins/fresh"
    mv "$dir/plugins/fresh" "$dir/plugins/told.so"
}

# told N: constructors ran in N processes so far, of which xvs-switch is none.
told()
{
    [ "$(sort -u "$XVS_TEST_TOLD" | wc -l)" = "$1" ] \
        || fail "told $(cat "$XVS_TEST_TOLD"), not $1 processes"
}

# was_here: it was loaded into xvs-switch some time.
was_here()
{
    grep -qx "$switch_pid" "$XVS_TEST_TOLD" \
        || grep -q "told.so" "/proc/$switch_pid/maps"
}

# gone: its code is not there now.  Sanitizers keep what was loaded.
gone()
{
    sanitized || ! grep -q "told.so" "/proc/$switch_pid/maps"
}

# is_here: it was, and still is.
is_here()
{
    grep -qx "$switch_pid" "$XVS_TEST_TOLD" \
        && grep -q "told.so" "/proc/$switch_pid/maps"
}

put told-1.so
xvsctl ext install told.so
told 1
! was_here || fail "installing loads it into xvs-switch"
expect '"Version": "1.0"' xvsctl ext show told --json
xvsctl switch add lan
put told-2.so
xvsctl ext upgrade told
told 2
! was_here || fail "an upgrade loads it into xvs-switch"
expect '"Version": "2.0"' xvsctl ext show told --json
expect_fail 9 "told.so is what runs already" xvsctl ext upgrade told

# In a process of its own it comes to no other.
xvsctl ext enable told lan --partition process
! was_here || fail "a process for it loads it into xvs-switch"

# Exchanged before it was loaded: refused, and not run to find that out.
put told-1.so
expect_fail 1 "told.so is not the file any more that was tried" \
    xvsctl stage set told lan --partition inline
expect "xvsctl ext upgrade told" cat "$dir/out"
! was_here || fail "what was exchanged is loaded into xvs-switch"
[ "$(xvsctl stage show told lan --value Partition)" = process ] \
    || fail "it is not where it was"
xvsctl ext disable told lan
expect_fail 1 "told.so is not the file any more that was tried" \
    xvsctl ext enable told lan
! was_here || fail "what was exchanged is loaded into xvs-switch"
xvsctl ext upgrade told
! was_here || fail "an upgrade loads it into xvs-switch"

# Inline it is here; a new version of it, too, and no other file of the name.
xvsctl ext enable told lan
is_here || fail "it is inline, and not in xvs-switch"
expect_fail 9 "told.so is what runs already" xvsctl ext upgrade told
put told-2.so
xvsctl ext upgrade told
expect '"Version": "2.0"' xvsctl ext show told --json
[ "$(grep -cx "$switch_pid" "$XVS_TEST_TOLD")" = 2 ] \
    || fail "not loaded once for each version: $(cat "$XVS_TEST_TOLD")"
xvsctl switch add lan2
xvsctl ext enable told lan2
[ "$(grep -cx "$switch_pid" "$XVS_TEST_TOLD")" = 2 ] \
    || fail "loaded again for a second switch: $(cat "$XVS_TEST_TOLD")"

# It leaves with the last stage that is inline, and comes back for the next.
xvsctl stage set told lan --partition process
is_here || fail "it is inline on lan2, and not in xvs-switch"
xvsctl stage set told lan2 --partition process
gone || fail "nothing of it is inline, and it is in xvs-switch"
xvsctl stage set told lan --partition inline
is_here || fail "it is inline again, and not in xvs-switch"

# What lies about itself is found out, where it is tried or where it is loaded.
expect_fail 1 "forger.so: the process that tried it says of it what cannot be" \
    xvsctl ext install forger.so
xvsctl ext install two-faced.so
expect_fail 1 "two-faced.so says something else of itself" \
    xvsctl ext enable two-faced lan
xvsctl ext remove two-faced

# What is disabled is gone.
xvsctl ext disable told lan
gone || fail "it is disabled, and in xvs-switch"
xvsctl ext disable told lan2
xvsctl ext remove told
stop "$switch_pid" || fail "xvs-switch ended with $?"
