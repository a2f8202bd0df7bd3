#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Makes a table of resources in C of the page's files: embed.sh FILE...
# .../page/index.html is "/", .../page/NAME is "/page/NAME".
set -eu
LC_ALL=C
export LC_ALL

type_of()
{
    case $1 in
    *.html) echo 'text/html; charset=utf-8' ;;
    *.css) echo 'text/css; charset=utf-8' ;;
    *.js) echo 'text/javascript; charset=utf-8' ;;
    *.svg) echo 'image/svg+xml' ;;
    *) echo "embed.sh: what is $1?" >&2; exit 1 ;;
    esac
}

printf '/* Made by embed.sh.  Do not edit. */\n#include <config.h>\n\n'
printf '#include "manage/page/page.h"\n\n#include "manage/http/resource.h"\n'
n=0
for file; do
    printf '\n/* %s */\nstatic const unsigned char file_%d[] = {\n' \
        "/page/${file##*/page/}" $n
    od -An -v -tu1 "$file" | sed 's/  *\([0-9][0-9]*\)/\1,/g'
    printf '};\n'
    n=$((n + 1))
done
printf '\nconst struct resource page_resources[] = {\n'
n=0
for file; do
    path=/page/${file##*/page/}
    type=$(type_of "$path")
    [ "$path" != /page/index.html ] || path=/
    printf '    { .path = "%s", .right = RIGHT_READ,\n' "$path"
    printf '      .type = "%s",\n' "$type"
    printf '      .data = file_%d, .size = sizeof file_%d },\n' $n $n
    n=$((n + 1))
done
printf '};\nconst size_t page_n_resources = %d;\n' $n
