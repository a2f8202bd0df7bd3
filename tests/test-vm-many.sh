#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Commands that name one VM are answered with as much among thousands as among
# three: the VM is looked up, by each of its names, whatever has come, changed
# and gone, and after a restart.  A list has what it shows and no more.
. "${top_srcdir:-..}/tests/functions.sh"
. "$top_srcdir/tests/many-vms.sh"
in_namespaces "$@"
requires ip jq socat
many=2000
start_host
xvsctl schema add "$top_srcdir/mof/xvs_channel.mof"
xvsctl ext install channel.so
xvsctl ext enable channel host

vms 100 103 | xvsctl feature apply -f -

# What xvsd answers goes through here.
socat -R "$dir/answers" "UNIX-LISTEN:$dir/relay.sock,fork" \
    "UNIX-CONNECT:$dir/xvsd.sock" &
cleanup_fn "kill $!"
wait_for 10 unix_listens "$dir/relay.sock" || fail "socat does not listen"
# answered COMMAND...: it succeeds; how many bytes it was answered, in $size.
answered()
{
    before=$(stat -c %s "$dir/answers")
    xvsctl --socket "$dir/relay.sock" "$@" >"$dir/out" 2>&1 \
        || fail "$*: $(cat "$dir/out")"
    size=$(($(stat -c %s "$dir/answers") - before))
    [ $size -gt 100 ] || fail "$*: nothing was answered"
}
all()
{
    for command in "vm show vm101" "vm show ALIAS101" "vm services vm101" \
        "vm show 00000000-0000-4000-8000-000000000101" \
        "vm register vm101 --lease 1000" "vm register vm101 --lease 0" \
        "vm renew web101.example" "vm register new --link fixed --alias x" \
        "vm forget x" "query XVS_ChannelListenerStatus host"; do
        # shellcheck disable=SC2086
        answered $command
        echo "$size $command"
    done
    answered feature set "$(xvsctl wql \
        "SELECT * FROM XVS_ChannelVm WHERE Name = 'vm101'" \
        --value InstanceID)" Lease=0
    echo "$size feature set"
}
all >"$dir/few"
vms 1000 $((1000 + many)) | xvsctl feature apply -f -
all >"$dir/many"
diff "$dir/few" "$dir/many" || fail "answers are of another size"

# ---- Lists --------------------------------------------------------------------
answered vm list --names
[ "$(wc -l <"$dir/out")" = $((many + 3)) ] || fail "$(wc -l "$dir/out") VMs"
names=$size
answered vm list
[ "$(wc -l <"$dir/out")" = $((many + 4)) ] || fail "$(wc -l "$dir/out") VMs"
table=$size
answered vm list --json
if [ $size -lt $((names * 5 / 2)) ] || [ $size -lt $((table * 3 / 2)) ]; then
    fail "$names, $table and $size bytes: more than is shown"
fi

# ---- Which one ----------------------------------------------------------------
# found NAME VM: the VM that the name is of.
found()
{
    [ "$(xvsctl vm show "$1" --value Vm)" = "$2" ] || fail "$1 is not $2"
}
# unknown NAME: it is nobody's.
unknown()
{
    expect_fail 3 "there is no VM $1" xvsctl vm show "$1"
}
check()
{
    found vm1999 vm1999
    found Web1999.Example vm1999
    found 00000000-0000-4000-8000-000000001999 vm1999
    found fresh vm1500
    unknown alias1500
    unknown alias1501
    unknown alias
    unknown "x' OR Name LIKE '%"
    unknown 'back\slash"'
    expect_fail 1 "2 VMs are called twin" xvsctl vm show twin
    found h2:twin twin
}
xvsctl vm register vm1500 --alias fresh
xvsctl vm forget vm1501
xvsctl vm register twin --on h2
xvsctl feature add XVS_ChannelVm host Name=twin Host=h3 Generation=1
check
stop "$xvsd_pid" || fail "xvsd ended with $?"
start_xvsd
wait_for 10 switch_is_there || fail "xvsd does not find xvs-switch"
check
# Its class is another now, whose properties have the same texts.
sed 's/The name of this host/Its name/' "$top_srcdir/mof/xvs_channel.mof" \
    >"$dir/xvs_channel.mof"
xvsctl schema add "$dir/xvs_channel.mof"
check
xvsctl ext disable channel host
expect_fail 5 "not enabled" xvsctl vm show vm1999
xvsctl vm forget vm1999
unknown vm1999
