#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A11, A10: a monitoring application, which speaks nothing but CIM-XML, sets the
# allowed addresses of a port and polls its count of blocked packets.
. "${top_srcdir:-..}/tests/functions.sh"
in_namespaces "$@"
requires ip ping curl
guest_veth a 192.0.2.1/24
guest_veth b 192.0.2.2/24
start_host
xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
xvsctl ext install acl.so
xvsctl switch add lan
xvsctl port add lan a --driver packet --device "$tag.a"
xvsctl port add lan b --driver packet --device "$tag.b"
xvsctl ext enable acl lan

# call METHOD PARAMETERS: one intrinsic call; prints the answer.
call()
{
    cat >"$dir/request" <<EOF
<?xml version="1.0" encoding="utf-8"?>
<CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="1" PROTOCOLVERSION="1.0">
<SIMPLEREQ><IMETHODCALL NAME="$1"><LOCALNAMESPACEPATH><NAMESPACE NAME="root"/>
<NAMESPACE NAME="xvs"/></LOCALNAMESPACEPATH>$2</IMETHODCALL></SIMPLEREQ>
</MESSAGE></CIM>
EOF
    curl -s --unix-socket "$XVS_SOCKET" -H 'Content-Type: application/xml' \
        --data-binary "@$dir/request" http://localhost/cimom
}

# rule PRIORITY ACTION PREFIX
rule()
{
    call CreateInstance "<IPARAMVALUE NAME=\"NewInstance\">
<INSTANCE CLASSNAME=\"XVS_AclPortRule\">
<PROPERTY NAME=\"SwitchName\" TYPE=\"string\"><VALUE>lan</VALUE></PROPERTY>
<PROPERTY NAME=\"PortName\" TYPE=\"string\"><VALUE>a</VALUE></PROPERTY>
<PROPERTY NAME=\"Priority\" TYPE=\"uint32\"><VALUE>$1</VALUE></PROPERTY>
<PROPERTY NAME=\"Direction\" TYPE=\"uint8\"><VALUE>1</VALUE></PROPERTY>
<PROPERTY NAME=\"Ethertype\" TYPE=\"uint16\"><VALUE>2048</VALUE></PROPERTY>
<PROPERTY NAME=\"Action\" TYPE=\"uint8\"><VALUE>$2</VALUE></PROPERTY>
<PROPERTY NAME=\"DestinationPrefix\" TYPE=\"string\"><VALUE>$3</VALUE>
</PROPERTY></INSTANCE></IPARAMVALUE>" >"$dir/answer"
    grep -q '<KEYVALUE' "$dir/answer" || fail "rule: $(cat "$dir/answer")"
}

blocked()
{
    call EnumerateInstances '<IPARAMVALUE NAME="ClassName">
<CLASSNAME NAME="XVS_AclPortStatus"/></IPARAMVALUE>' | tr -d '\n' \
        | sed 's/<INSTANCE /\n&/g' | grep '<VALUE>a<' \
        | sed 's/.*"BlockedPackets"[^>]*><VALUE>\([0-9]*\).*/\1/'
}

rule 10 1 192.0.2.2/32
rule 20 2 0.0.0.0/0
guest_ping a 192.0.2.2 || fail "the allowed address is blocked"
before=$(blocked)
! guest_ping a 192.0.2.3 3 || fail "who answers for 192.0.2.3?"
ip -n "$tag-a" neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev eth0
! guest_ping a 192.0.2.9 3 || fail "the blocked address answers"
after=$(blocked)
[ "$after" -ge $((before + 3)) ] || fail "blocked: $before, then $after"
