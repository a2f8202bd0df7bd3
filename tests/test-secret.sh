#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Values with the qualifier Secret reach their extension and nobody else: not
# through objects, queries, events, logs, errors or exports; they survive a
# restart, and a change that does not give them.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip jq wbemcli ss openssl
key=tell-nobody-1
echo "ann:admin:$(openssl passwd -6 -salt xvs pass)" >"$dir/passwords"
chmod 644 "$dir/passwords"
start_host --log-level debug --listen 127.0.0.1:0 \
    --password-file "$dir/passwords"
xvsctl schema add "$top_srcdir/tests/plugins/secret.mof"
xvsctl ext install secret.so
xvsctl switch add lan
xvsctl ext enable secret lan
xvsctl event >"$dir/events" 2>&1 &
cleanup_fn "kill $!"

# in_force KEY-SUM PIN-TWICE SALT-BYTES: what the extension has.
in_force()
{
    got=$(xvsctl query Test_KeyStatus lan --json \
        | jq -c '.[0] | [.KeySum, .PinTwice, .SaltBytes]')
    [ "$got" = "[$1,$2,$3]" ] || fail "$4: the extension has $got"
}

sum=$(printf %s "$key" | od -An -v -tu1 | tr -s ' ' '\n' \
    | awk '{ n += $1 } END { print n }')
# has FILE PATTERN: as a word that is no part of an id, which may be any.
has()
{
    sed -E 's/[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}//g
        s/process [0-9]+//g' "$1" | grep -w "$2"
}

id=$(xvsctl feature add Test_Key lan Peer=west Key="$key" Pin=4711 \
    Salt=171,172,173 --names)
in_force "$sum" 9422 3 "what was given"

# Reading: NULL, in every form and by every way.
secrets='[.[0] | .Key, .Pin, .Salt]'
nulls='[null,null,null]'
[ "$(xvsctl feature get Test_Key lan --json | jq -c "$secrets")" = "$nulls" ] \
    || fail "feature get shows secrets"
[ "$(xvsctl wql "SELECT * FROM Test_Key" --json | jq -c "$secrets")" \
    = "$nulls" ] || fail "WQL shows secrets"
path="Test_Key.InstanceID=\"$(printf %s "$id" | sed 's/\\/\\\\/g')\""
[ "$(xvsctl instance get "$path" --json | jq -c '[.. | .Key?] | unique')" \
    = '[null]' ] || fail "instance get shows secrets"
for where in "Key = '$key'" "Key LIKE '%'" "Pin > 0" "Pin = 4711" \
    "Key IS NOT NULL"; do
    [ "$(xvsctl wql "SELECT * FROM Test_Key WHERE $where" --json \
        | jq length)" = 0 ] || fail "WHERE $where finds out"
done

# Changing: what is not given stays, from any client; what is given counts.
xvsctl feature set "$id" Peer=east
in_force "$sum" 9422 3 "after another property changed"
xvsctl feature get Test_Key lan --json >"$dir/shown.json"
xvsctl feature apply -f "$dir/shown.json"
in_force "$sum" 9422 3 "after what was shown was applied"
u=http://ann:pass@127.0.0.1:$(ss -H -ltnp \
    | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$xvsd_pid,.*/\1/p")/root/xvs
plain="Test_Key.InstanceID=\"$id\""
wbemcli -nl mi "$u:$plain" 'Peer="north"' || fail "wbemcli mi"
expect north xvsctl feature get Test_Key lan
in_force "$sum" 9422 3 "after a client wrote the whole object back"
wbemcli -nl gi "$u:$plain" >"$dir/out" || fail "wbemcli gi"
! has "$dir/out" "$key\|4711" || fail "wbemcli gi shows secrets"
wbemcli -nl gp "$u:$plain" Key >"$dir/out" 2>&1 || :
! grep -q "$key" "$dir/out" || fail "wbemcli gp shows secrets"
xvsctl feature set "$id" Pin=12
in_force "$sum" 24 3 "after the PIN changed"
xvsctl feature set "$id" Salt=NULL
in_force "$sum" 24 0 "after the salt was taken away"
xvsctl feature set "$id" Pin=4711 Salt=171,172,173

# Errors do not repeat them.
expect_fail 1 Pin xvsctl feature set "$id" Pin=98761234
! grep -q 98761234 "$dir/out" || fail "an error repeats a PIN"
long=$(printf 'tell-nobody-long%.0s' 1 2 3 4)
expect_fail 1 Key xvsctl feature set "$id" Key="$long"
! grep -q tell-nobody "$dir/out" || fail "an error repeats a key"

# On disk: in files that only xvsd can read, and in force after a crash.
kill -9 "$xvsd_pid"
wait "$xvsd_pid" || :
kill -9 "$switch_pid"
wait "$switch_pid" || :
start_switch
start_xvsd --log-level debug
wait_for 10 switch_is_there || fail "no switch"
in_force "$sum" 9422 3 "after both daemons were killed"
stop "$xvsd_pid"
start_xvsd --log-level debug
wait_for 10 switch_is_there || fail "no switch"
grep -rlq "$key" "$dir/state" || fail "the key is nowhere in the state"
[ -z "$(find "$dir/state" -type f -perm /077)" ] \
    || fail "others can read $(find "$dir/state" -type f -perm /077)"

# A schema cannot be turned into one that shows them.
sed 's/ Secret, M/ M/' "$top_srcdir/tests/plugins/secret.mof" \
    >"$dir/secret.mof"
expect_fail 9 Secret xvsctl schema add "$dir/secret.mof"

# An export leaves them out and says so; an import asks for them.
expect "$id.Key" xvsctl config export lan -o "$dir/lan.cfg"
! has "$dir/lan.cfg" "$key\|4711\|171" || fail "the export has secrets"
xvsctl feature remove "$id"
xvsctl ext disable secret lan
xvsctl switch remove lan
expect_fail 1 "$id.Pin" xvsctl config import "$dir/lan.cfg"
[ -z "$(xvsctl switch list --names)" ] || fail "a refused import left traces"
printf '%s\n' "# what lan.cfg left out" "$id.Key=$key" "$id.Pin=4711" \
    >"$dir/secrets"
expect_fail 1 "$id.Salt" xvsctl config check "$dir/lan.cfg" \
    --secrets "$dir/secrets"
! grep -qF "$id.Pin" "$dir/out" || fail "a given secret is asked for"
printf '%s\n' "$id.Peer=x" >>"$dir/secrets"
expect_fail 1 "$id.Peer" xvsctl config check "$dir/lan.cfg" \
    --secrets "$dir/secrets"
sed -i '$d' "$dir/secrets"
printf '%s\n' "$id.Salt=171,172,173" >>"$dir/secrets"
xvsctl config import "$dir/lan.cfg" --switch wan --secrets "$dir/secrets"
got=$(xvsctl query Test_KeyStatus wan --json \
    | jq -c '.[0] | [.KeySum, .PinTwice, .SaltBytes]')
[ "$got" = "[$sum,9422,3]" ] || fail "the import gave $got"

# Logs and events had nothing of it.
for file in events xvsd.log switch.log; do
    ! has "$dir/$file" "$key\|4711\|tell-nobody\|98761234" \
        || fail "$file has a secret"
done

# What cannot be kept secret is refused when the schema is loaded.
for line in '[Key, Secret] string K;' '[Secret] string K = "x";'; do
    printf 'class Test_Bad { %s };\n' "$line" >"$dir/bad.mof"
    expect_fail 1 Secret xvsctl schema check "$dir/bad.mof"
done
sed 's/\[WmiDataId(3)\] uint32 Salt/[WmiDataId(3), Secret] uint32 Salt/' \
    "$top_srcdir/tests/plugins/secret.mof" >"$dir/bad.mof"
expect_fail 1 "nobody could ever read" xvsctl schema check "$dir/bad.mof"
cat >"$dir/bad.mof" <<EOF
class Test_Inner { [Secret] string K; };
class Test_Outer { [EmbeddedInstance("Test_Inner")] string I; };
EOF
expect_fail 1 "cannot be embedded" xvsctl schema check "$dir/bad.mof"
