#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Prepares the tree, and does the two things most people want of it:
#
#     ./autogen.sh            make ./configure (for packagers)
#     ./autogen.sh --run      install build packages, build, show it working
#     ./autogen.sh --check    the same, then every test
#     ./autogen.sh --bench    the same without tests, then every measurement
#
# All but the first build in ./build and install nothing on the machine but
# Debian packages, and these only when one is missing and we are root.  The test
# with real guests downloads a kernel package beside them, and unpacks it in
# ./build.
set -eu

cd "$(dirname "$0")"

build_packages="build-essential autoconf automake pkg-config
    libconfig-dev libcunit1-dev liburcu-dev libexpat1-dev libffi-dev
    libgnutls28-dev libsystemd-dev libedit-dev libcap-ng-dev libcrypt-dev
    libpcap-dev libseccomp-dev liblz4-dev nettle-dev libnghttp2-dev
    musl-tools
    iproute2 iputils-ping"
check_packages="sblim-wbemcli gnutls-bin openssl clang libclang-rt-dev mandoc curl
    netcat-openbsd protobuf-c-compiler libprotobuf-c-dev abigail-tools
    cppcheck procps time socat zsh bash-completion jq xz-utils ethtool
    qemu-system-x86 busybox-static lz4 prometheus tcpdump tshark bind9-dnsutils
    chromium-headless-shell python3
    dpdk-dev librte-meta-net librte-meta-mempool librte-meta-bus"
# What others are measured with, and make -C tests channel-vm; tests do not
# need it.
bench_packages="openvswitch-switch-dpdk iperf3 dropbear-bin openssh-client
    haproxy libnginx-mod-stream nginx-light squid tinyproxy $check_packages"

usage()
{
    sed -n '4,11s/^# \{0,1\}//p' "$0"
}

# Prints the packages of the arguments that are not installed.
missing()
{
    for package; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null \
            | grep -q 'ok installed' || printf '%s ' "$package"
    done
}

install_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        echo "autogen.sh: not a Debian system; needed: $*" >&2
        return 0
    fi
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "autogen.sh: missing packages: $wanted" >&2
        echo "autogen.sh: as root: apt-get install $wanted" >&2
        return 1
    fi
    echo "== installing $wanted"
    DEBIAN_FRONTEND=noninteractive
    export DEBIAN_FRONTEND
    apt-get update -q >/dev/null
    # Some packages are services; none of them is to be started here.
    policy=/usr/sbin/policy-rc.d
    own_policy=
    if [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod 755 $policy
        own_policy=$policy
    fi
    status=0
    # shellcheck disable=SC2086
    apt-get install -q -y --no-install-recommends $wanted >/dev/null \
        || status=$?
    [ -z "$own_policy" ] || rm -f "$own_policy"
    return $status
}

prepare()
{
    mkdir -p build-aux
    autoreconf -fi
}

build()
{
    prepare
    mkdir -p build
    # dash forks in half the time that bash takes.
    [ ! -x /bin/dash ] || export CONFIG_SHELL=/bin/dash
    (cd build && ../configure -q --enable-werror)
    make -s -C build -j"$(nproc)"
}

run()
{
    install_packages $build_packages
    echo "== building in ./build"
    build
    echo "== running: a switch, two namespaces, the acl extension"
    sh samples/first-switch.sh build
}

check()
{
    # shellcheck disable=SC2086
    install_packages $build_packages $check_packages
    run
    echo "== every test"
    # One more at a time than there are processors: most wait for something.
    make -s -C build -j"$(($(nproc) + 1))" check
}

bench()
{
    # shellcheck disable=SC2086
    install_packages $build_packages $bench_packages
    build
    make -s -C build bench
}

case ${1-} in
'') prepare ;;
--run) run ;;
--check) check ;;
--bench) bench ;;
-h | --help) usage ;;
*)
    echo "autogen.sh: unknown option '$1'" >&2
    usage >&2
    exit 2
    ;;
esac
