# SPDX-License-Identifier: BSD-3-Clause
# A host to look at with the page.  The browser and xvsd's TCP port are in a
# network namespace of their own: a browser drops its connections when an
# interface comes or goes.

# The old headless Chromium is smaller, and takes half the processor time.
for CHROMIUM in ${CHROMIUM:-chromium-headless-shell chromium}; do
    ! command -v "$CHROMIUM" >/dev/null || break
done
export CHROMIUM
requires python3 openssl "$CHROMIUM"

in_web()
{
    ip netns exec "$tag-web" "$@"
}

# In the background of start_xvsd: becomes xvsd.
xvsd()
{
    exec ip netns exec "$tag-web" "$top_builddir/xvsd" "$@"
}

# page_begin: daemons; $basic is the address of the page by password.
page_begin()
{
    ip netns add "$tag-web"
    cleanup_fn "ip netns del $tag-web"
    ip -n "$tag-web" link set lo up
    hash=$(openssl passwd -6 -salt xvs secret)
    printf 'alice:admin:%s\nrita:reader:%s\n' "$hash" "$hash" >"$dir/users"
    chmod 644 "$dir/users"
    start_host --listen 127.0.0.1:8080 --password-file "$dir/users"
    basic=http://127.0.0.1:8080/
}

# page_host: a switch lan with two guests, three stages, and a ping that goes
# on.
page_host()
{
    guest_veth a 192.0.2.1/24
    guest_veth b 192.0.2.2/24
    page_begin
    sed "s/DisplayName(\"Tunnel key\")/DisplayName(\"<img src=x onerror=\\\\\"\
document.title='owned'\\\\\">\")/" \
        "$top_srcdir/tests/plugins/secret.mof" >"$dir/secret.mof"
    xvsctl schema add "$top_srcdir/mof/xvs_acl.mof"
    xvsctl schema add "$dir/secret.mof"
    for file in acl mark secret; do
        xvsctl ext install $file.so
    done
    xvsctl switch add lan
    xvsctl port add lan a --driver packet --device "$tag.a"
    xvsctl port add lan b --driver packet --device "$tag.b"
    xvsctl ext enable secret lan
    xvsctl ext enable acl lan --partition process
    xvsctl ext enable mark lan --partner acl
    xvsctl port set lan b --enter acl
    ip netns exec "$tag-a" ping -q -i 0.1 192.0.2.2 >/dev/null &
    cleanup_fn "kill $!"
}

# page_web: "xvsctl web" runs, $url is what it printed.
page_web()
{
    # Not by in_web: $! has to be the command itself, to be ended.
    ip netns exec "$tag-web" "$top_builddir/xvsctl" web --names \
        >"$dir/url" 2>"$dir/web.log" &
    cleanup_fn "kill $!; wait $!"
    wait_for 20 test -s "$dir/url" || fail "xvsctl web does not start"
    url=$(cat "$dir/url")
}
