/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The options of xvsd: one table for the configuration file and the command
 * line.
 */

#include <config.h>

#include "main/xvsd-options.h"

#include <getopt.h>
#include <grp.h>
#include <libconfig.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"
#include "control/names.h"

#define DEFAULT_CONFIG XVS_SYSCONFDIR "/xvsd.conf"
#define DEFAULT_ADMINS "xvs-admin"      /* when there is such a group */
#define DEFAULT_TIMEOUT 2000
#define DEFAULT_FILES 100       /* of packets that end processes */
#define MOST_FILES 10000

enum kind { TEXT, NUMBER, TRUTH, LEVEL, LIST };

/* One option, under the same name in the file and on the command line. */
static const struct known {
    const char *name;
    enum kind kind;
    size_t offset;          /* in struct xvsd_options */
} known[] = {
    { "state-dir", TEXT, offsetof(struct xvsd_options, state_dir) },
    { "socket", TEXT, offsetof(struct xvsd_options, socket) },
    { "control", TEXT, offsetof(struct xvsd_options, control) },
    { "plugin-dir", LIST, offsetof(struct xvsd_options, plugin_dirs) },
    { "user", TEXT, offsetof(struct xvsd_options, user) },
    { "host-name", TEXT, offsetof(struct xvsd_options, host_name) },
    { "listen", TEXT, offsetof(struct xvsd_options, listen) },
    { "certificate", TEXT, offsetof(struct xvsd_options, certificate) },
    { "key", TEXT, offsetof(struct xvsd_options, key) },
    { "client-ca", TEXT, offsetof(struct xvsd_options, client_ca) },
    { "password-file", TEXT, offsetof(struct xvsd_options, password_file) },
    { "admin-group", TEXT, offsetof(struct xvsd_options, admin_group) },
    { "reader-group", TEXT, offsetof(struct xvsd_options, reader_group) },
    { "vendor-partition", TEXT,
      offsetof(struct xvsd_options, vendor_partition) },
    { "quarantine", TEXT, offsetof(struct xvsd_options, quarantine) },
    { "quarantine-files", NUMBER,
      offsetof(struct xvsd_options, quarantine_files) },
    { "timeout", NUMBER, offsetof(struct xvsd_options, timeout) },
    { "max-connections", NUMBER,
      offsetof(struct xvsd_options, max_connections) },
    { "idle-timeout", NUMBER, offsetof(struct xvsd_options, idle_timeout) },
    { "max-contexts", NUMBER, offsetof(struct xvsd_options, max_contexts) },
    { "max-body", NUMBER, offsetof(struct xvsd_options, max_body) },
    { "spawn-switch", TRUTH, offsetof(struct xvsd_options, spawn_switch) },
    { "log-level", LEVEL, offsetof(struct xvsd_options, log_level) },
};
#define N_KNOWN (sizeof known / sizeof *known)

static const char usage[] =
    "usage: xvsd [OPTION]...\n"
    "\n"
    "  --config=FILE           options, named as below (" DEFAULT_CONFIG ")\n"
    "  --state-dir=DIR         configuration that survives (" XVS_STATEDIR
    ")\n"
    "  --socket=PATH           management socket (" XVS_RUNDIR "/xvsd.sock)\n"
    "  --control=PATH          xvs-switch's socket (" XVS_RUNDIR "/control)\n"
    "  --plugin-dir=DIR        folder with plugins; may be repeated\n"
    "  --user=NAME             user to become when started as root (xvs)\n"
    "  --spawn-switch          start xvs-switch when nobody answers\n"
    "                          (the default for root)\n"
    "  --no-spawn-switch       do not\n"
    "  --host-name=NAME        name in objects (the system's)\n"
    "  --vendor-partition=NAME where extensions of others run unless it is\n"
    "                          said: process, copy or inline (process)\n"
    "  --quarantine=DIR        for packets that end processes of extensions\n"
    "                          (quarantine in the state)\n"
    "  --quarantine-files=N    newest of them that are kept (100)\n"
    "  --timeout=MS            limit of one request to an extension (2000)\n"
    "  --listen=ADDRESS:PORT   serve TCP too (no)\n"
    "  --certificate=FILE      with --key: TCP speaks TLS\n"
    "  --key=FILE              PEM, as all of these\n"
    "  --client-ca=FILE        accept certificates of clients\n"
    "  --password-file=FILE    user:role:hash lines for TCP\n"
    "  --admin-group=NAME      who may change things (xvs-admin)\n"
    "  --reader-group=NAME     who may read; '*': everybody\n"
    "  --max-connections=N     at the same time (1024)\n"
    "  --idle-timeout=S        of a connection (60)\n"
    "  --max-contexts=N        open enumerations of one user (64)\n"
    "  --max-body=BYTES        of one request (16777216)\n"
    "  --log-level=LEVEL       error, warning, info or debug (info)\n"
    "  --help                  this text\n"
    "  --version               the version\n";

static void
add_plugin_dir(struct xvsd_options *options, const char *dir)
{
    options->plugin_dirs = mem_realloc(options->plugin_dirs,
                                       (options->n_plugin_dirs + 2)
                                       * sizeof *options->plugin_dirs);
    options->plugin_dirs[options->n_plugin_dirs++] = mem_strdup(dir);
    options->plugin_dirs[options->n_plugin_dirs] = NULL;
}

static bool
set_text(struct xvsd_options *options, const struct known *one,
         const char *text, struct error *error)
{
    char *member = (char *) options + one->offset;
    uint64_t number;

    switch (one->kind) {
    case TEXT:
        free(*(char **) (void *) member);
        *(char **) (void *) member = mem_strdup(text);
        return true;
    case LIST:
        add_plugin_dir(options, text);
        return true;
    case LEVEL:
        return log_level_parse(text,
                               (enum log_level *) (void *) member)
            || error_set(error, ERROR_INVALID, "no log level is called '%s' "
                         "(error, warning, info, debug)", text);
    case NUMBER:
        if (!text_to_u64(text, &number) || number > UINT32_MAX) {
            return error_set(error, ERROR_INVALID, "%s needs a number, not "
                             "'%s'", one->name, text);
        }
        *(uint32_t *) (void *) member = (uint32_t) number;
        return true;
    case TRUTH:
        *(int *) (void *) member = strcmp(text, "true") == 0;
        return true;
    }
    return false;
}

/* ---- The file ----------------------------------------------------------- */

static const struct known *
find_known(const char *name)
{
    for (size_t i = 0; i < N_KNOWN; i++) {
        if (strcmp(known[i].name, name) == 0) {
            return &known[i];
        }
    }
    return NULL;
}

static bool
unknown_key(const char *name, struct error *error)
{
    const char *names[N_KNOWN + 1];
    const char *near;

    for (size_t i = 0; i < N_KNOWN; i++) {
        names[i] = known[i].name;
    }
    names[N_KNOWN] = NULL;
    near = text_nearest(name, names);
    error_set(error, ERROR_INVALID, "there is no option '%s'", name);
    return near ? error_hint(error, "did you mean '%s'?", near) : false;
}

/* The text form of a member of the file, as the command line has it. */
static bool
member_text(const config_setting_t *member, const struct known *one,
            char number[32], const char **text, struct error *error)
{
    int type = config_setting_type(member);

    *text = NULL;
    if ((type == CONFIG_TYPE_INT || type == CONFIG_TYPE_INT64)
        && one->kind == NUMBER) {
        snprintf(number, 32, "%lld", config_setting_get_int64(member));
        *text = number;
    } else if (type == CONFIG_TYPE_BOOL && one->kind == TRUTH) {
        *text = config_setting_get_bool(member) ? "true" : "false";
    } else if (type == CONFIG_TYPE_STRING && one->kind != NUMBER
               && one->kind != TRUTH) {
        *text = config_setting_get_string(member);
    }
    return *text || error_set(error, ERROR_TYPE, "%s: %s is expected",
                              one->name, one->kind == NUMBER ? "a number"
                              : one->kind == TRUTH ? "true or false"
                              : "text in double quotes");
}

static bool
read_member(struct xvsd_options *options, const config_setting_t *member,
            struct error *error)
{
    const struct known *one = find_known(config_setting_name(member));
    const char *text;
    char number[32];

    if (!one) {
        return unknown_key(config_setting_name(member), error);
    }
    if (one->kind != LIST || !(config_setting_is_array(member)
                               || config_setting_is_list(member))) {
        return member_text(member, one, number, &text, error)
            && set_text(options, one, text, error);
    }
    for (int i = 0; i < config_setting_length(member); i++) {
        if (!member_text(config_setting_get_elem(member, (unsigned int) i),
                         one, number, &text, error)
            || !set_text(options, one, text, error)) {
            return false;
        }
    }
    return true;
}

static bool
read_file(struct xvsd_options *options, const char *path,
          struct error *error)
{
    config_t config;
    const config_setting_t *root;
    bool ok = true;

    config_init(&config);
    if (!config_read_file(&config, path)) {
        error_set(error, ERROR_SYNTAX, "%s", config_error_text(&config));
        error_at(error, path, (unsigned int) config_error_line(&config), 0);
        config_destroy(&config);
        return false;
    }
    root = config_root_setting(&config);
    for (int i = 0; ok && i < config_setting_length(root); i++) {
        const config_setting_t *member =
            config_setting_get_elem(root, (unsigned int) i);

        ok = read_member(options, member, error);
        if (!ok) {
            error_at(error, path, config_setting_source_line(member), 0);
        }
    }
    config_destroy(&config);
    return ok;
}

/* ---- The command line --------------------------------------------------- */

/* getopt's table: ours, and those that the file cannot have. */
enum { OPTION_CONFIG = 256, OPTION_NO_SPAWN, OPTION_HELP, OPTION_VERSION };

static void
fill_table(struct option table[N_KNOWN + 5])
{
    static const struct option others[] = {
        { "config", required_argument, NULL, OPTION_CONFIG },
        { "no-spawn-switch", no_argument, NULL, OPTION_NO_SPAWN },
        { "help", no_argument, NULL, OPTION_HELP },
        { "version", no_argument, NULL, OPTION_VERSION },
        { NULL, 0, NULL, 0 },
    };

    for (size_t i = 0; i < N_KNOWN; i++) {
        table[i] = (struct option) {
            known[i].name,
            known[i].kind == TRUTH ? no_argument : required_argument,
            NULL, (int) i,
        };
    }
    memcpy(&table[N_KNOWN], others, sizeof others);
}

static int
wrong_usage(const struct error *error)
{
    fprintf(stderr, "xvsd: %s; see xvsd --help\n", error->text);
    return 2;
}

/* One pass over the command line: 'file_only' looks for --config alone. */
static int
read_line(struct xvsd_options *options, int argc, char **argv,
          bool file_only)
{
    struct option table[N_KNOWN + 5];
    struct error error;
    int option;

    fill_table(table);
    optind = 0;
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (option == OPTION_HELP) {
            fputs(usage, stdout);
            return 0;
        } else if (option == OPTION_VERSION) {
            puts("xvsd " PACKAGE_VERSION);
            return 0;
        } else if (option == '?') {
            return 2;
        } else if (option == OPTION_CONFIG) {
            free(options->config);
            options->config = mem_strdup(optarg);
        } else if (option == OPTION_NO_SPAWN) {
            options->spawn_switch = 0;
        } else if (!file_only
                   && !set_text(options, &known[option],
                                optarg ? optarg : "true", &error)) {
            return wrong_usage(&error);
        }
    }
    if (optind < argc) {
        error_set(&error, ERROR_INVALID, "unexpected argument '%s'",
                  argv[optind]);
        return wrong_usage(&error);
    }
    return -1;
}

static void
set_default(char **text, const char *value)
{
    if (!*text) {
        *text = mem_strdup(value);
    }
}

int
xvsd_options_read(struct xvsd_options *options, int argc, char **argv)
{
    struct error error;
    char text[1024];
    int status;

    memset(options, 0, sizeof *options);
    options->spawn_switch = -1;
    options->timeout = DEFAULT_TIMEOUT;
    options->quarantine_files = DEFAULT_FILES;
    options->log_level = LOG_LEVEL_INFO;
    status = read_line(options, argc, argv, true);
    if (status >= 0) {
        return status;
    }
    options->spawn_switch = -1;
    if ((options->config || access(DEFAULT_CONFIG, R_OK) == 0)
        && !read_file(options,
                      options->config ? options->config : DEFAULT_CONFIG,
                      &error)) {
        fprintf(stderr, "xvsd: %s\n",
                error_format(&error, text, sizeof text));
        return 2;
    }
    status = read_line(options, argc, argv, false);
    set_default(&options->state_dir, XVS_STATEDIR);
    set_default(&options->socket, XVS_RUNDIR "/xvsd.sock");
    set_default(&options->control, XVS_RUNDIR "/control");
    set_default(&options->vendor_partition, "process");
    if (getgrnam(DEFAULT_ADMINS)) {
        set_default(&options->admin_group, DEFAULT_ADMINS);
    }
    if (status < 0 && !control_partition_find(options->vendor_partition)) {
        fprintf(stderr, "xvsd: --vendor-partition: there is no partition '%s';"
                " it can be process, copy, domain or inline\n",
                options->vendor_partition);
        return 2;
    }
    if (status < 0 && options->quarantine_files > MOST_FILES) {
        fprintf(stderr, "xvsd: --quarantine-files: there can be 0 to %d, not"
                " %u\n", MOST_FILES, options->quarantine_files);
        return 2;
    }
    return status;
}

void
xvsd_options_free(struct xvsd_options *options)
{
    for (size_t i = 0; i < N_KNOWN; i++) {
        if (known[i].kind == TEXT) {
            free(*(char **) (void *) ((char *) options + known[i].offset));
        }
    }
    for (size_t i = 0; i < options->n_plugin_dirs; i++) {
        free(options->plugin_dirs[i]);
    }
    free(options->plugin_dirs);
    free(options->config);
}
