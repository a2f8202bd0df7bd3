#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A WBEM client of others does every one of its subcommands, unmodified, over
# http and https; refusals tell it why.
. "${top_srcdir:-..}/tests/functions.sh"
requires wbemcli ss openssl
in_namespaces "$@"

# shellcheck disable=SC2016
echo "ann:admin:$(openssl passwd -6 -salt xvs secret)
rob:reader:$(openssl passwd -6 -salt xvs secret)" >"$dir/passwords"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=IP:127.0.0.1 -keyout "$dir/key.pem" \
    -out "$dir/cert.pem" 2>/dev/null || fail "openssl"
chmod 644 "$dir"/*.pem "$dir/passwords"

# port: the TCP port of xvsd.
port()
{
    ss -H -ltnp | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$xvsd_pid,.*/\1/p"
}

# w TEXT ARGUMENTS...: wbemcli succeeds and says TEXT.
w()
{
    text=$1
    shift
    timeout 20 wbemcli $options -nl "$@" >"$dir/out" 2>&1 \
        || fail "wbemcli $*: exit $?: $(cat "$dir/out")"
    [ -z "$text" ] || grep -qF -- "$text" "$dir/out" \
        || fail "wbemcli $*: does not say '$text': $(cat "$dir/out")"
}

# refused TEXT ARGUMENTS...: wbemcli fails so.
refused()
{
    text=$1
    shift
    if timeout 20 wbemcli $options -nl "$@" >"$dir/out" 2>&1; then
        fail "wbemcli $*: succeeded"
    fi
    grep -qF -- "$text" "$dir/out" \
        || fail "wbemcli $*: does not say '$text': $(cat "$dir/out")"
}

# every_subcommand URL
every_subcommand()
{
    u=$1
    lan="$u:XVS_Switch.Name=\"lan\""
    p1="$u:XVS_Port.SwitchName=\"lan\",Name=\"p1\""
    device="$tag.w"
    w ':XVS_Switch' ecn "$u"
    w ':XVS_Port : CIM_ManagedElement' ec "$u:CIM_ManagedElement"
    w '-SwitchName' gc "$u:XVS_Port"
    w '<CLASS NAME="XVS_Port"' gcd "$u:XVS_Port"
    w 'XVS_Switch.Name="lan"' ci "$lan" 'Name="lan"'
    w 'Name="p1"' ci "$p1" \
        "SwitchName=\"lan\",Name=\"p1\",Driver=\"packet\",Device=\"$device\""
    w 'XVS_Port.SwitchName="lan",Name="p1"' ein "$u:XVS_Port"
    w '-Driver="packet"' ei "$u:XVS_Port"
    w '-Mtu=1500' gi "$p1" Mtu,Driver
    w '' mi "$p1" 'Mtu=1400'
    w '1400' gp "$p1" Mtu
    w '' sp "$p1" 'Mtu=1300'
    w '1300' gp "$p1" Mtu
    w 'Name="p1"' ain "$lan"
    w "-Device=\"$device\"" -ac XVS_SwitchPort -arc XVS_Port ai "$lan"
    w 'Dependent=XVS_Port' rin "$lan"
    w '-Antecedent=XVS_Switch.Name="lan"' -ar Antecedent ri "$lan"
    host=$(wbemcli $options -nl ein "$u:XVS_Host" | sed 's/.*Name=//')
    w 'ExportConfiguration: 0' cm "$u:XVS_Host.Name=$host" \
        'ExportConfiguration.SwitchName="lan"'
    w '<PARAMVALUE NAME="Text"' cmx "$u:XVS_Host.Name=$host" \
        ExportConfiguration
    echo '[Version("1")] class Test_Gone { [Key] uint8 Id; };' \
        >"$dir/Test_Gone.mof"
    xvsctl schema add "$dir/Test_Gone.mof" >"$dir/out" 2>&1 \
        || fail "schema add: $(cat "$dir/out")"
    w '' dc "$u:Test_Gone"
    refused 'CIM_ERR_INVALID_CLASS' gc "$u:Test_Gone"
    w '' di "$p1"
    w '' di "$lan"
    # What is wrong is said.
    refused 'CIM_ERR_NOT_FOUND' gi "$lan"
    refused 'did you mean XVS_Switch?' ei "$u:XVS_Swich"
    refused 'CIM_ERR_INVALID_NAMESPACE' ein "${u%/*}/nowhere:XVS_Port"
    refused 'CIM_ERR_METHOD_NOT_FOUND' cm "$u:XVS_Host.Name=$host" Nothing
}

ip link add "$tag.w" type veth peer name "$tag.v"
cleanup_fn "ip link del $tag.w"
ip link set "$tag.w" up
options=
start_host --listen 127.0.0.1:0 --password-file "$dir/passwords"
every_subcommand "http://ann:secret@127.0.0.1:$(port)/root/cimv2"
u="http://127.0.0.1:$(port)/root/cimv2"
refused 'Username/password required' ecn "$u"
refused 'Invalid username/password' ecn \
    "http://ann:wrong@127.0.0.1:$(port)/root/cimv2"
w ':XVS_Switch' ecn "http://rob:secret@127.0.0.1:$(port)/root/cimv2"
refused 'HTTP' ci "http://rob:secret@127.0.0.1:$(port)/root/cimv2:XVS_Switch\
.Name=\"no\"" 'Name="no"'
stop "$xvsd_pid"

start_xvsd --listen 127.0.0.1:0 --password-file "$dir/passwords" \
    --certificate "$dir/cert.pem" --key "$dir/key.pem"
options="-cacert $dir/cert.pem"
every_subcommand "https://ann:secret@127.0.0.1:$(port)/root/xvs"
