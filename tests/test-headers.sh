#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Every public header compiles alone, as strict C99 and as C++.
set -e
. "${top_srcdir:=..}/tests/functions.sh"

include=$top_srcdir/sdk/include
status=0

# compile LANGUAGE COMPILER FLAGS...: $header, from an otherwise empty file.
compile()
{
    language=$1
    shift
    if ! echo "#include <xvs/$header>" | "$@" -Wall -Wextra -Werror \
        -pedantic -fsyntax-only -I"$include" -x "$language" -
    then
        echo "xvs/$header does not compile as $*"
        status=1
    fi
}

for path in "$include"/xvs/*.h; do
    header=${path##*/}
    compile c ${CC:-cc} -std=c99 -Wshadow -Wcast-align
    compile c++ ${CXX:-c++} -std=c++11
done
exit $status
