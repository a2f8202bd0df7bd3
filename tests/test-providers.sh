#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# C6, C9: two extensions hold one place of the chain.  While a numbered stream
# of several flows goes on, the first one's processes are killed until there is
# none, and come back; the kind of sharing, the partitions and who is there
# change: no frame is lost, doubled or late, and each meets one of the two.
. "${top_srcdir:-..}/tests/functions.sh"
requires ip ping
in_namespaces "$@"
. "$top_srcdir/tests/stream.sh"
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
# With this address the flows without IP go to the first of the two, and those
# with IP to the second, when they aggregate.
ip -n "$tag-b" link set eth0 address 02:00:00:00:00:05
# A process that ends is not made again at once, or while there is no program.
cp "$top_builddir/xvs-stage" "$dir/xvs-stage"
switch_options="--restarts=0 --stage-program $dir/xvs-stage"
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl switch add lan
for guest in a b; do
    xvsctl port add lan $guest --driver packet --device "$tag.$guest"
done
for name in acl mark; do
    xvsctl ext install $name.so
    xvsctl ext enable $name lan --partition process
done

# stage NAME PROPERTY
stage()
{
    xvsctl stage show "$1" lan --value "$2"
}

# about NAME: all of it.
about()
{
    xvsctl stage show "$1" lan
}

# is NAME PROPERTY VALUE
is()
{
    [ "$(stage "$1" "$2")" = "$3" ]
}

# told TEXT: an event says it.
told()
{
    xvsctl event list | grep -q "$1"
}

# leave NAME: it has no process any more, nor gets one, and its packets go to
# the other.
leave()
{
    chmod 600 "$dir/xvs-stage"
    for pid in $(pgrep -P "$switch_pid" -f "xvs-stage $1"); do
        kill -9 "$pid" 2>/dev/null || :
    done
    wait_for 10 is "$1" Away true || fail "$1 is still there: $(about "$1")"
}

# comeback NAME: it has again.
comeback()
{
    chmod 755 "$dir/xvs-stage"
    wait_for 60 is "$1" Away false || fail "$1 is not back: $(about "$1")"
}

# more NAME PACKETS: it gets packets, more than so many by now.
more()
{
    [ "$(stage "$1" Packets)" -gt "$2" ]
}
gets()
{
    wait_for 10 more "$1" $(($(stage "$1" Packets) + 20)) \
        || fail "$1 gets no packets: $(about "$1")"
}

# idle NAME: it gets none; those that are on their way have come.
idle()
{
    before=$(stage "$1" Packets)
    gets "$2"
    [ "$(stage "$1" Packets)" = "$before" ] \
        || fail "$1 gets packets: $(about "$1")"
}

stream_begin 8
gets mark
gets acl

# Failover: one of the two gets packets.
xvsctl stage set mark lan --partner acl
is mark Sharing failover || fail "$(about mark)"
idle mark acl
leave acl
wait_for 10 told "packets for acl go to mark now, .* (the last one: acl " \
    || fail "nobody told of it: $(xvsctl event list)"
idle acl mark
comeback acl
gets acl
idle mark acl
wait_for 10 told "packets for acl come back from mark" \
    || fail "nobody told of it: $(xvsctl event list)"
[ "$(stage acl Diverted)" -gt 0 ] || fail "$(about acl)"
is acl Lost 0 || fail "acl lost packets: $(about acl)"

# Aggregate: both do, each flow one of them.
xvsctl stage set mark lan --sharing aggregate
gets acl
gets mark
leave mark
idle mark acl
xvsctl stage set mark lan --sharing failover
xvsctl stage set mark lan --sharing aggregate
xvsctl stage set mark lan --partner ""
xvsctl stage set mark lan --partner acl --sharing aggregate
comeback mark
gets mark

# Both go to another place, between those that are there.
for place in 1 0 9 0; do
    xvsctl ext move acl lan $place
    xvsctl ext move mark lan 1
    gets acl
done

# Wherever they run.
for name in mark acl; do
    for partition in inline process; do
        xvsctl stage set $name lan --partition $partition
        xvsctl stage set mark lan --sharing failover
        gets acl
        xvsctl stage set mark lan --sharing aggregate
    done
done

# Either leaves, and the other one has the place.
xvsctl ext disable acl lan
gets mark
[ "$(stage mark Partner)" = "" ] || fail "$(about mark)"
xvsctl ext enable acl lan --partition process --partner mark
idle acl mark
[ "$(stage acl Position)" = 1 ] || fail "$(about acl)"
xvsctl ext disable acl lan
gets mark
stream_end
