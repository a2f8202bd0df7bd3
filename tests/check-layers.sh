#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# A folder of core/ includes only folders below it; plugins and samples include
# only <xvs/...>.  Prints each include that breaks the rule.
set -eu
cd "${1:-$(dirname "$0")/..}"

layers="base packet schema object marshal control port tap stage switch service
    manage client main"
# What a folder may use although it stands below: none.  The command and the
# daemons do not use each other.
forbidden="client:service client:manage switch:schema switch:object
    stage:schema stage:object port:schema tap:schema packet:schema control:schema"
bad=0

below=
for layer in $layers; do
    below="$below $layer"
    for include in $(grep -rhoE '^ *# *include "[a-z]+/' "core/$layer" \
        --include='*.[ch]' | sed 's/.*"\([a-z]*\)\//\1/' | sort -u); do
        case " $below " in
        *" $include "*) ;;
        *)
            echo "core/$layer includes $include/, which stands above it"
            grep -rn "include \"$include/" "core/$layer"
            bad=1
            ;;
        esac
        case " $(echo $forbidden) " in
        *" $layer:$include "*)
            echo "core/$layer must not know core/$include"
            bad=1
            ;;
        esac
    done
done
if grep -rnE '^ *# *include "' core/service/store --include='*.[ch]' \
    | grep -vE '"(base|service/store)/'; then
    echo "core/service/store knows only core/base"
    bad=1
fi
if grep -rnE '^ *# *include "manage/(cim|list|op)/' core/manage/auth \
    core/manage/http --include='*.[ch]'; then
    echo "HTTP and authentication do not know what a body means"
    bad=1
fi
# own PLUGIN: complains of includes from elsewhere than its folder.
own()
{
    grep -rnoE '^ *# *include "[^"]*/[^"]*"' "$1" --include='*.[ch]' \
        --include='*.cc' | while IFS= read -r line; do
        header=$(expr "$line" : '.*"\(.*\)"')
        case $header in
        ../* | */../*) echo "$line" ;;
        *) [ -e "$1/$header" ] || echo "$line" ;;
        esac
    done
}
others=$(for folder in plugins/* samples/*; do
    [ ! -d "$folder" ] || own "$folder"
done)
if [ -n "$others" ]; then
    echo "$others"
    echo "plugins and samples include only <xvs/...> and their own headers"
    bad=1
fi
# In plugins/channel, lowest first: the rooms that others stand on.
if grep -rnE '^ *# *include "(tls|http|link|vm|client|dns)/' \
    plugins/channel/move plugins/channel/wire \
    || grep -rnE '^ *# *include "(http|vm|client|dns)/' plugins/channel/link \
    plugins/channel/tls \
    || grep -rnE '^ *# *include "(wire|tls|link|vm|client|dns)/' \
    plugins/channel/http \
    || grep -rnE '^ *# *include "(http|client|dns)/' plugins/channel/vm \
    || grep -rnE '^ *# *include "[^/"]*"' plugins/channel/http; then
    echo "in channel: move, wire; then link, tls, http; then vm; then client, dns"
    bad=1
fi
exit $bad
