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
if grep -rnE '^ *# *include "(\.\./|[a-z]+/)' plugins samples \
    --include='*.[ch]' --include='*.cc'; then
    echo "plugins and samples include only <xvs/...> and their own headers"
    bad=1
fi
exit $bad
