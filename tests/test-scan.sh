#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# xvsctl ext scan finds what keeps a plugin out of a domain, where it is, and
# nothing in one that has none of it.
. "${top_srcdir:-..}/tests/functions.sh"
# shellcheck disable=SC2086
requires jq ${CC:-cc}

# built NAME FLAGS...: a shared object of the C source on standard input.
built()
{
    name=$1
    shift
    cat >"$dir/$name.c"
    # shellcheck disable=SC2086
    ${CC:-cc} -O1 -shared -fPIC "$@" -o "$dir/$name.so" "$dir/$name.c" \
        || fail "cannot build $name"
}

built good <<'END'
#include <string.h>
int sum; void hook(char *to, const char *from) { strcpy(to, from); sum++; }
END
[ "$(xvsctl ext scan "$dir/good.so" | wc -l)" -le 2 ] \
    || fail "good.so: $(xvsctl ext scan "$dir/good.so")"
expect "good.so can run in a domain" xvsctl ext scan "$dir/good.so"
xvsctl ext scan "$dir/good.so" --json >"$dir/json"
[ "$(jq .domain "$dir/json")" = true ] \
    || fail "good.so is not good as JSON"

built bad <<'END'
__thread int mine; __attribute__((constructor)) void begin(void) { mine = 1; }
void leave(void) { __asm__ volatile("syscall"); }
void raise_rights(void) { __asm__ volatile("wrpkru"); }
unsigned int hidden(void) { return 0xef010f; }
END
expect_fail 1 "1 of 2 files cannot run in a domain" \
    xvsctl ext scan "$dir/bad.so" "$dir/good.so"
for text in "the bytes of syscall at 0x" "(leave+0x" "(raise_rights+0x" \
    "and 1 more" "data of each thread" "(it has constructors"; do
    expect "$text" cat "$dir/out"
done
xvsctl ext scan "$dir/bad.so" --json >"$dir/json" 2>/dev/null || :
[ "$(jq '.domain, (.stops | length)' "$dir/json" | xargs)" = "false 3" ] \
    || fail "as JSON: $(cat "$dir/json")"

head -c 100 "$dir/good.so" >"$dir/short.so"
expect_fail 1 "short.so is damaged" xvsctl ext scan "$dir/short.so"
expect_fail 1 "is no shared object" xvsctl ext scan "$0"
expect_fail 1 "nothing.so" xvsctl ext scan "$dir/nothing.so"
