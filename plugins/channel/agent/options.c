/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Options, on the command line and as lines of a file with the same words.
 */

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include <config.h>

#define CONFIG "/etc/xvs-agent.conf"

static const char usage[] =
    "usage: xvs-agent [OPTION...]\n"
    "Moves bytes between the host of this guest and services that it allows.\n"
    "\n"
    "  --serial PATH       talk to the host at this virtio-serial port\n"
    "  --unix PATH         listen for the host at this unix socket\n"
    "  --vsock PORT        listen for the host at this vsock port\n"
    "  --allow PORT[=LOCAL][,...]\n"
    "                      the host may reach PORT, which is port LOCAL of\n"
    "                      127.0.0.1 or ::1, or unix:PATH, or the agent's own\n"
    "                      echo, discard or chargen\n"
    "  --offer LOCAL=PORT[,...]\n"
    "                      local programs reach PORT of the host at LOCAL of\n"
    "                      127.0.0.1, or at unix:PATH\n"
    "  --offer-user USER[,...]\n"
    "                      only these may, at unix sockets\n"
    "  --user USER         run as this user; nobody unless set\n"
    "  --max-streams N     that the host may have open, 4096 unless set\n"
    "  --config FILE       read options from it, one in a line, without --;\n"
    "                      " CONFIG " when there is no option at all\n"
    "  --help, --version\n";

/* What is being read, for errors. */
static const char *where = "";

static void __attribute__((noreturn))
wrong(const char *option, const char *value, const char *what)
{
    die("%s--%s %s: %s", where, option, value, what);
}

static bool
number(const char *text, uint32_t most, uint32_t *out)
{
    char *end;
    unsigned long value;

    errno = 0;
    value = strtoul(text, &end, 10);
    *out = (uint32_t) value;
    return text[0] >= '0' && text[0] <= '9' && *end == 0 && errno == 0
        && value >= 1 && value <= most;
}

static void
copy(const char *option, const char *value, char *to, size_t size)
{
    if (value[0] == 0 || strlen(value) >= size) {
        wrong(option, value, "is empty or too long");
    }
    strcpy(to, value);
}

/* A local end: a port, or unix:PATH. */
static void
local_end(const char *option, const char *value, uint16_t *port, char *path)
{
    uint32_t n;

    *port = 0;
    if (strncmp(value, "unix:", 5) == 0) {
        copy(option, value + 5, path, MAX_PATH);
    } else if (number(value, 65535, &n)) {
        *port = (uint16_t) n;
    } else {
        wrong(option, value, strcmp(option, "allow") == 0
              ? "is no port (1 to 65535), no unix:PATH, and none of echo,"
                " discard and chargen"
              : "is no port (1 to 65535) and no unix:PATH");
    }
}

static enum inner
inner_of(const char *name)
{
    static const char *const names[] = {
        [INNER_ECHO] = "echo", [INNER_DISCARD] = "discard",
        [INNER_CHARGEN] = "chargen" };

    for (unsigned int i = INNER_ECHO; i <= INNER_CHARGEN; i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum inner) i;
        }
    }
    return INNER_NONE;
}

static uint16_t
port_of(const char *option, const char *value)
{
    uint32_t n;

    if (!number(value, 65535, &n)) {
        wrong(option, value, "is no port (1 to 65535)");
    }
    return (uint16_t) n;
}

const struct allowed *
options_find(const struct options *all, uint16_t port)
{
    for (unsigned int i = 0; i < all->n_allowed; i++) {
        if (all->allowed[i].port == port) {
            return &all->allowed[i];
        }
    }
    return NULL;
}

static void
allow(struct options *all, char *value)
{
    char *local = strchr(value, '=');
    struct allowed *one = &all->allowed[all->n_allowed];
    uint16_t port;

    if (local) {
        *local++ = 0;
    }
    port = port_of("allow", value);
    if (options_find(all, port)) {
        wrong("allow", value, "is given twice");
    }
    if (all->n_allowed == MAX_ALLOWED) {
        wrong("allow", value, "is one more than the 256 that there can be");
    }
    one->inner = local ? inner_of(local) : INNER_NONE;
    if (!one->inner) {
        local_end("allow", local ? local : value, &one->local, one->path);
    }
    one->port = port;
    all->n_allowed++;
}

static void
add_offer(struct options *all, char *value)
{
    char *port = strrchr(value, '=');
    struct offer *one = &all->offers[all->n_offers];

    if (!port) {
        wrong("offer", value, "has no =PORT");
    }
    if (all->n_offers == MAX_OFFERS) {
        wrong("offer", value, "is one more than the 32 that there can be");
    }
    *port++ = 0;
    local_end("offer", value, &one->local, one->path);
    one->port = port_of("offer", port);
    all->n_offers++;
}

static void
offer_user(struct options *all, char *value)
{
    const struct passwd *user = getpwnam(value);
    uint32_t uid = 0;

    if (!user && strcmp(value, "0") != 0
        && !number(value, UINT32_MAX - 1, &uid)) {
        wrong("offer-user", value, "is no user");
    }
    if (all->n_users == MAX_USERS) {
        wrong("offer-user", value, "is one more than the 16 there can be");
    }
    all->users[all->n_users++] = user ? user->pw_uid : uid;
}

static void
each(struct options *all, char *list, void (*one)(struct options *, char *))
{
    char *next, *value;

    for (value = list; value; value = next) {
        next = strchr(value, ',');
        if (next) {
            *next++ = 0;
        }
        one(all, value);
    }
}

static void read_file(struct options *all, const char *path);

static void
set(struct options *all, const char *option, char *value)
{
    if (strcmp(option, "serial") == 0) {
        copy(option, value, all->serial, MAX_PATH);
    } else if (strcmp(option, "unix") == 0) {
        copy(option, value, all->unix_path, MAX_PATH);
    } else if (strcmp(option, "user") == 0) {
        copy(option, value, all->user, sizeof(all->user));
    } else if (strcmp(option, "allow") == 0) {
        each(all, value, allow);
    } else if (strcmp(option, "offer") == 0) {
        each(all, value, add_offer);
    } else if (strcmp(option, "offer-user") == 0) {
        each(all, value, offer_user);
    } else if (strcmp(option, "vsock") == 0) {
        if (!number(value, UINT32_MAX - 1, &all->vsock)) {
            wrong(option, value, "is no port");
        }
    } else if (strcmp(option, "max-streams") == 0) {
        if (!number(value, 65536, &all->max_streams)) {
            wrong(option, value, "is not 1 to 65536");
        }
    } else if (strcmp(option, "config") == 0 && where[0] == 0) {
        read_file(all, value);
    } else {
        die("%sthere is no option '%s'; see --help", where, option);
    }
}

static void
read_line(struct options *all, char *line)
{
    char *value = line + strcspn(line, " \t=");

    if (*value) {
        *value++ = 0;
        value += strspn(value, " \t=");
    }
    set(all, line, value);
}

static void
read_file(struct options *all, const char *path)
{
    char line[1024], place[MAX_PATH + 32];
    unsigned int n = 0;
    FILE *file = fopen(path, "re");

    if (!file) {
        die("cannot read %s: %s", path, strerror(errno));
    }
    while (fgets(line, sizeof(line), file)) {
        char *start = line + strspn(line, " \t");
        size_t length = strcspn(start, "#\n");

        n++;
        if (start[length] == 0 && !feof(file)) {
            die("%s:%u: the line is too long", path, n);
        }
        while (length > 0 && strchr(" \t\r", start[length - 1])) {
            length--;
        }
        start[length] = 0;
        snprintf(place, sizeof(place), "%s:%u: ", path, n);
        where = place;
        if (length > 0) {
            read_line(all, start);
        }
        where = "";
    }
    fclose(file);
}

static void
read_words(struct options *all, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            exit(0);
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("xvs-agent " PACKAGE_VERSION);
            exit(0);
        }
        if (strncmp(argv[i], "--", 2) != 0) {
            die("'%s' is no option; see --help", argv[i]);
        }
        if (value) {
            *value++ = 0;
        } else if (++i == argc) {
            die("%s needs a value; see --help", argv[i - 1]);
        }
        set(all, argv[value ? i : i - 1] + 2, value ? value : argv[i]);
    }
}

void
options_read(struct options *all, int argc, char **argv)
{
    all->max_streams = 4096;
    if (argc > 1) {
        read_words(all, argc, argv);
    } else {
        read_file(all, CONFIG);
    }
    if (!all->serial[0] && !all->unix_path[0] && !all->vsock) {
        die("there is no way to the host: give --serial, --unix or --vsock");
    }
    if (all->n_allowed == 0 && all->n_offers == 0) {
        die("there is nothing to do: give --allow or --offer");
    }
}
