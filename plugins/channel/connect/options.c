/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The command line.
 */

#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_FILE XVS_SYSCONFDIR "/connect.conf"
#define DEFAULT_PROXY "unix:" XVS_RUNDIR "/channel.sock"
#define DEFAULT_TIMEOUT 30u

static const char usage[] =
    "usage: xvs-connect [OPTION]... VM PORT\n"
    "       xvs-connect [OPTION]... [-L FORWARD]... [-D LISTENER]...\n"
    "\n"
    "Connects standard input and output to a port inside a VM, or what comes\n"
    "to sockets of this host, by a proxy of the management channel of xvs.\n"
    "\n"
    "  --proxy=PLACE        HOST:PORT or unix:PATH\n"
    "                       ($XVS_PROXY, " DEFAULT_PROXY ")\n"
    "  -L, --forward=SPEC   listen: [ADDRESS:]PORT:VM:PORT; may be repeated\n"
    "  -D, --socks=SPEC     serve SOCKS5: [ADDRESS:]PORT; may be repeated\n"
    "  --tls                speak TLS with the proxy\n"
    "  --ca=FILE            who vouches for it (the system's)\n"
    "  --cert=FILE          certificate to show\n"
    "  --key=FILE           its key\n"
    "  --token-file=FILE    token to show: one line\n"
    "  --timeout=SECONDS    until a connection is open (30)\n"
    "  --config=FILE        options, named as above (" DEFAULT_FILE ")\n"
    "  --json               a line of JSON for each event, on standard error\n"
    "  -v, --verbose        a line of text for each\n"
    "  --help               this text\n"
    "  --version            the version\n";

enum { LONG_ONLY = 256, OPTION_CONFIG, OPTION_HELP, OPTION_JSON,
       OPTION_VERSION };

static const struct option table[] = {
    { "proxy", required_argument, NULL, LONG_ONLY },
    { "forward", required_argument, NULL, 'L' },
    { "socks", required_argument, NULL, 'D' },
    { "tls", no_argument, NULL, LONG_ONLY },
    { "ca", required_argument, NULL, LONG_ONLY },
    { "cert", required_argument, NULL, LONG_ONLY },
    { "key", required_argument, NULL, LONG_ONLY },
    { "token-file", required_argument, NULL, LONG_ONLY },
    { "timeout", required_argument, NULL, LONG_ONLY },
    { "config", required_argument, NULL, OPTION_CONFIG },
    { "json", no_argument, NULL, OPTION_JSON },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, OPTION_HELP },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static bool
set_number(unsigned *number, const char *value)
{
    uint16_t small;

    if (!place_port(&small, value)) {
        return false;
    }
    *number = small;
    return true;
}

static bool
set_text(char **to, const char *value)
{
    free(*to);
    *to = strdup(value);
    return *to != NULL;
}

bool
options_set(struct options *options, const char *name, const char *value,
            char why[200])
{
    const char *what = NULL;

    if (strcmp(name, "proxy") == 0) {
        what = place_parse(&options->proxy, value) ? NULL
            : "HOST:PORT or unix:PATH";
    } else if (strcmp(name, "tls") == 0) {
        options->tls = strcmp(value, "yes") == 0;
        what = options->tls || strcmp(value, "no") == 0 ? NULL : "yes or no";
    } else if (strcmp(name, "timeout") == 0) {
        what = set_number(&options->timeout, value) ? NULL
            : "seconds (1 to 65535)";
    } else if (strcmp(name, "ca") == 0) {
        what = set_text(&options->ca, value) ? NULL : "memory";
    } else if (strcmp(name, "cert") == 0) {
        what = set_text(&options->certificate, value) ? NULL : "memory";
    } else if (strcmp(name, "key") == 0) {
        what = set_text(&options->key, value) ? NULL : "memory";
    } else {
        snprintf(why, 200, "there is no option '%.80s'", name);
        return false;
    }
    if (what) {
        snprintf(why, 200, "%s needs %s, not '%.80s'", name, what, value);
    }
    return what == NULL;
}

const struct place *
options_host(const struct options *options, const char *host)
{
    for (size_t i = 0; i < options->n_hosts; i++) {
        if (strcmp(options->hosts[i].host, host) == 0) {
            return &options->hosts[i].place;
        }
    }
    return NULL;
}

void
options_clear(struct options *options)
{
    free(options->ca);
    free(options->certificate);
    free(options->key);
    free(options->listening);
    free(options->hosts);
    memset(options, 0, sizeof(*options));
}

static bool __attribute__((format(printf, 1, 2)))
wrong(const char *format, ...)
{
    va_list list;

    fputs("xvs-connect: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputs("; see xvs-connect --help\n", stderr);
    return false;
}

static bool
add_listening(struct options *options, const char *spec, bool socks)
{
    struct listening one = { 0 }, *all;

    if (socks ? !place_parse_listener(&one.place, spec)
        : !place_parse_forward(&one.place, &one.target, spec)) {
        return wrong(socks ? "--socks needs [ADDRESS:]PORT, not '%s'"
                     : "--forward needs [ADDRESS:]PORT:VM:PORT, not '%s'",
                     spec);
    }
    all = realloc(options->listening,
                  (options->n_listening + 1) * sizeof(*all));
    if (!all) {
        return wrong("no memory for %s", spec);
    }
    options->listening = all;
    all[options->n_listening++] = one;
    return true;
}

/* One option of the line, other than --config, --help, --version. */
static bool
take(struct options *options, int option, int index)
{
    const char *name = table[index].name;
    char why[200];

    switch (option) {
    case 'L': case 'D':
        return add_listening(options, optarg, option == 'D');
    case 'v':
        options->report = REPORT_ALL;
        return true;
    case OPTION_JSON:
        options->report = REPORT_JSON;
        return true;
    default:
        if (strcmp(name, "token-file") == 0) {
            return options_read_token(options, optarg);
        }
        return options_set(options, name, optarg ? optarg : "yes", why)
            || wrong("--%s", why);
    }
}

/* One pass: for --config, or for all others.  -1: goes on. */
static int
read_line(struct options *options, int argc, char **argv, const char **file)
{
    int option, index = 0;

    optind = 0;
    while ((option = getopt_long(argc, argv, "L:D:v", table, &index)) != -1) {
        if (option == '?') {
            return OUTCOME_USAGE;
        } else if (option == OPTION_HELP) {
            fputs(usage, stdout);
            return OUTCOME_GOOD;
        } else if (option == OPTION_VERSION) {
            puts("xvs-connect " PACKAGE_VERSION);
            return OUTCOME_GOOD;
        } else if (option == OPTION_CONFIG) {
            *file = optarg;
        } else if (options && !take(options, option, index)) {
            return OUTCOME_USAGE;
        }
    }
    return -1;
}

static bool
read_words(struct options *options, int n, char **words)
{
    if (n == 0 && options->n_listening > 0) {
        return true;
    }
    if (n != 2) {
        return wrong("%s", n < 2 && options->n_listening == 0
                     ? "a VM and a port are missing"
                     : "there are words that mean nothing here");
    }
    if (!target_name(&options->target, words[0])) {
        return wrong("'%s' cannot be the name of a VM", words[0]);
    }
    return place_port(&options->target.port, words[1])
        || wrong("'%s' is no port (1 to 65535)", words[1]);
}

static bool
agree(const struct options *options)
{
    if (options->tls && !options->proxy.host[0]) {
        return wrong("--tls needs a proxy at HOST:PORT");
    }
    if (!options->certificate != !options->key) {
        return wrong("--cert and --key need each other");
    }
    return true;
}

bool
options_read(struct options *options, int argc, char **argv, int *status)
{
    const char *file = NULL, *proxy = getenv("XVS_PROXY");
    char why[200];

    memset(options, 0, sizeof(*options));
    options->timeout = DEFAULT_TIMEOUT;
    place_parse(&options->proxy, DEFAULT_PROXY);
    *status = read_line(NULL, argc, argv, &file);
    if (*status != -1) {
        return false;
    }
    *status = OUTCOME_USAGE;
    if (!options_read_file(options, file ? file : DEFAULT_FILE, !file)) {
        return false;
    }
    if (proxy && !options_set(options, "proxy", proxy, why)) {
        return wrong("XVS_PROXY: %s", why);
    }
    *status = read_line(options, argc, argv, &file);
    if (*status != -1) {
        return false;
    }
    *status = OUTCOME_USAGE;
    return read_words(options, argc - optind, argv + optind)
        && agree(options);
}
