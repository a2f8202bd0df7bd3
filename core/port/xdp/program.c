/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Loading and attaching; see program.h.
 */

#include <config.h>

#include "port/xdp/program.h"

#include <errno.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

#define ROOM 16384              /* of an answer about an interface */

static int
bpf(int command, union bpf_attr *attr)
{
    return (int) syscall(SYS_bpf, command, attr, sizeof *attr);
}

/* ---- Loading -------------------------------------------------------------- */

static bool
has_capability(unsigned int number)
{
    struct __user_cap_header_struct head = {
        .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

    return syscall(SYS_capget, &head, data) == 0
        && (data[number / 32].effective & 1u << number % 32);
}

/* Says what a caller who got EPERM from bpf() is lacking. */
static bool
denied(struct error *error, const char *what)
{
    int number = errno;

    error_set_errno(error, number, "cannot %s", what);
    if (number == ENOSYS || number == EINVAL) {
        error_hint(error, "this kernel is too old for AF_XDP, or made without"
                   " BPF: use the driver packet");
    } else if (number == EPERM && !has_capability(CAP_BPF)) {
        error_hint(error, "xvs-switch lacks the capability CAP_BPF: start it"
                   " as root or with that capability in its bounding set, or"
                   " use the driver packet");
    } else if (number == EPERM && !has_capability(CAP_NET_ADMIN)) {
        error_hint(error, "xvs-switch lacks the capability CAP_NET_ADMIN");
    } else if (number == EPERM) {
        error_hint(error, "the capabilities of xvs-switch do not count"
                   " outside of its user namespace: use the driver packet");
    }
    errno = number;
    return false;
}

static bool
make_map(struct program *program, uint32_t n, struct error *error)
{
    union bpf_attr attr;

    memset(&attr, 0, sizeof attr);
    attr.map_type = BPF_MAP_TYPE_XSKMAP;
    attr.key_size = attr.value_size = sizeof(uint32_t);
    attr.max_entries = n;
    program->map = bpf(BPF_MAP_CREATE, &attr);
    return program->map >= 0
        || denied(error, "make a BPF map of AF_XDP sockets");
}

static bool
load_code(struct program *program, struct error *error)
{
    const struct bpf_insn code[] = {
        { .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = BPF_REG_2,
          .src_reg = BPF_REG_1,
          .off = offsetof(struct xdp_md, rx_queue_index) },
        { .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = BPF_REG_1,
          .src_reg = BPF_PSEUDO_MAP_FD, .imm = program->map },
        { 0 },
        { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_3,
          .imm = XDP_PASS },
        { .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect_map },
        { .code = BPF_JMP | BPF_EXIT },
    };
    union bpf_attr attr;

    memset(&attr, 0, sizeof attr);
    attr.prog_type = BPF_PROG_TYPE_XDP;
    attr.expected_attach_type = BPF_XDP;
    attr.insns = (uintptr_t) code;
    attr.insn_cnt = sizeof code / sizeof code[0];
    attr.license = (uintptr_t) "BSD";
    memcpy(attr.prog_name, "xvs_port", sizeof "xvs_port");
    program->code = bpf(BPF_PROG_LOAD, &attr);
    return program->code >= 0 || denied(error, "load an XDP program");
}

bool
program_load(struct program *program, uint32_t n, struct error *error)
{
    return make_map(program, n, error) && load_code(program, error);
}

bool
program_set(const struct program *program, uint32_t queue, int fd,
            struct error *error)
{
    union bpf_attr attr;

    memset(&attr, 0, sizeof attr);
    attr.map_fd = (uint32_t) program->map;
    attr.key = (uintptr_t) &queue;
    attr.value = (uintptr_t) &fd;
    return bpf(BPF_MAP_UPDATE_ELEM, &attr) == 0
        || denied(error, "enter an AF_XDP socket into a BPF map");
}

/* ---- Attaching ------------------------------------------------------------- */

/* An attribute in 'size' bytes of them, or NULL. */
static const struct rtattr *
find(const struct rtattr *one, size_t size, unsigned short type)
{
    while (size >= sizeof *one && one->rta_len >= sizeof *one
           && one->rta_len <= size) {
        size_t step = RTA_ALIGN(one->rta_len);

        if ((one->rta_type & NLA_TYPE_MASK) == type) {
            return one;
        }
        size = size > step ? size - step : 0;
        one = (const void *) ((const char *) one + step);
    }
    return NULL;
}

static uint32_t
number_in(const struct rtattr *nest, unsigned short type)
{
    const struct rtattr *one = nest
        ? find(RTA_DATA(nest), RTA_PAYLOAD(nest), type) : NULL;
    uint32_t number = 0;

    if (one && RTA_PAYLOAD(one) >= sizeof number) {
        memcpy(&number, RTA_DATA(one), sizeof number);
    }
    return number;
}

/* The number of the XDP program that the interface has; 0: none. */
static uint32_t
program_of(int index)
{
    struct {
        struct nlmsghdr head;
        struct ifinfomsg info;
    } request = {
        .head = { .nlmsg_len = sizeof request, .nlmsg_type = RTM_GETLINK,
                  .nlmsg_flags = NLM_F_REQUEST },
        .info = { .ifi_index = index },
    };
    union {
        struct nlmsghdr head;
        char room[ROOM];
    } answer;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    ssize_t size = -1;
    uint32_t id = 0;

    if (fd >= 0
        && send(fd, &request, sizeof request, 0) == sizeof request) {
        size = recv(fd, &answer, sizeof answer, 0);
    }
    if (size >= (ssize_t) NLMSG_LENGTH(sizeof request.info)
        && answer.head.nlmsg_type == RTM_NEWLINK
        && answer.head.nlmsg_len <= (size_t) size) {
        const struct rtattr *first = (const void *)
            (answer.room + NLMSG_LENGTH(sizeof request.info));
        const struct rtattr *xdp =
            find(first, answer.head.nlmsg_len
                            - NLMSG_LENGTH(sizeof request.info), IFLA_XDP);

        id = number_in(xdp, IFLA_XDP_PROG_ID);
        id = id ? id : number_in(xdp, IFLA_XDP_DRV_PROG_ID);
        id = id ? id : number_in(xdp, IFLA_XDP_SKB_PROG_ID);
    }
    if (fd >= 0) {
        close(fd);
    }
    return id;
}

/* Why the kernel does not attach it. */
static bool
refused(const char *name, int index, bool generic, int number,
        struct error *error)
{
    uint32_t other = program_of(index);

    if (other) {
        error_set(error, ERROR_IN_USE, "interface %s has an XDP program of"
                  " somebody else, number %u", name, other);
        return error_hint(error, "end the program that attached it, or: ip"
                          " link set %s xdp off", name);
    }
    error_set_errno(error, number, "interface %s: cannot attach an XDP program"
                    " to its %s", name, generic ? "stack" : "driver");
    if (number == ERANGE) {
        error_hint(error, "an MTU, its own or its peer's, is too large for"
                   " XDP: lower it, or use mode generic or the driver packet");
    } else if (!generic && (number == EOPNOTSUPP || number == EINVAL)) {
        error_hint(error, "its driver has no XDP, or not as it is set up now:"
                   " use mode generic");
    }
    return false;
}

bool
program_attach(struct program *program, const char *name, int index,
               bool generic, int *number, struct error *error)
{
    union bpf_attr attr;

    memset(&attr, 0, sizeof attr);
    attr.link_create.prog_fd = (uint32_t) program->code;
    attr.link_create.target_ifindex = (uint32_t) index;
    attr.link_create.attach_type = BPF_XDP;
    attr.link_create.flags = generic ? XDP_FLAGS_SKB_MODE
                                     : XDP_FLAGS_DRV_MODE;
    program->link = bpf(BPF_LINK_CREATE, &attr);
    if (program->link >= 0) {
        return true;
    }
    *number = errno;
    return refused(name, index, generic, *number, error);
}

void
program_detach(struct program *program)
{
    if (program->link >= 0) {
        close(program->link);
        program->link = -1;
    }
}

void
program_unload(struct program *program)
{
    program_detach(program);
    if (program->code >= 0) {
        close(program->code);
        program->code = -1;
    }
    if (program->map >= 0) {
        close(program->map);
        program->map = -1;
    }
}
