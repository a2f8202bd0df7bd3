# SPDX-License-Identifier: BSD-3-Clause
# What the tests of packages share: the packages, and a clean root of Debian that
# has what they depend on.  Source it behind functions.sh.
#
#     XVS_DEBS     a folder with packages that were built; else "make deb" is run
#     XVS_ROOTS    a folder that keeps the root for the next run; else TMPDIR
debs=${XVS_DEBS:-$top_builddir/deb}
roots=${XVS_ROOTS:-${TMPDIR:-/tmp}/xvs-roots}
packages="xvs xvs-plugins xvs-sdk xvs-agent xvs-connect"

say()
{
    echo "$(date +%T) $*"
}

packages_build()
{
    [ -n "${XVS_DEBS-}" ] || make -s -C "$top_builddir" deb \
        >"$dir/deb.log" 2>&1 || fail "make deb"
    for package in $packages; do
        ls "$debs/${package}"_*.deb >/dev/null 2>&1 \
            || fail "$debs has no package $package"
    done
    say "packages: $(cd "$debs" && echo *.deb)"
}

# What the packages depend on, without each other; with commas between.
depends()
{
    for package in $packages; do
        dpkg-deb -f "$debs/${package}"_*.deb Depends
    done | tr ',' '\n' \
        | sed 's/^ *//; /^xvs/d; /^$/d; s/.*systemd-sysusers.*//; /^$/d' \
        | sort -u | paste -sd,
}

# packages_root INCLUDE: a copy in $dir/root of a clean root, which also has
# those packages of Debian (with commas between), with ours in /debs.
packages_root()
{
    mirror=$(apt-cache policy bash \
        | awk '/ https?:/ { print $2, $3; exit }')
    suite=${mirror#* }
    wanted="$(depends), gcc, make, libc6-dev, pkg-config, uuid-runtime"
    base=$roots/$(echo "$mirror $wanted $1" | cksum | cut -d' ' -f1)
    if [ ! -d "$base" ]; then
        say "a clean root of ${suite%%/*} from ${mirror%% *}"
        mkdir -p "$roots/archives"
        rm -rf "$base.new"
        debootstrap --variant=minbase --cache-dir="$roots/archives" \
            --include="$1,iproute2,iputils-ping,procps" \
            "${suite%%/*}" "$base.new" "${mirror%% *}" >"$dir/root.log" 2>&1 \
            || fail "debootstrap"
        # What the packages depend on is no part of what they leave; the rest
        # is what the tutorial builds with.
        chroot "$base.new" env DEBIAN_FRONTEND=noninteractive apt-get \
            satisfy -y -q --no-install-recommends "$wanted" \
            >"$dir/satisfy.log" 2>&1 || fail "what the packages depend on"
        mv "$base.new" "$base"
    fi
    cp -a "$base" "$dir/root"
    mkdir "$dir/root/debs"
    for package in $packages; do
        cp "$debs/${package}"_*.deb "$dir/root/debs"
    done
}
