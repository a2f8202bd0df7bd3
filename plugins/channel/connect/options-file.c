/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The configuration file: "name = value" in lines, "#" begins a comment.  And
 * the file of a token, which nobody else may read.
 */

#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool
wrong_line(const char *path, unsigned line, const char *why)
{
    fprintf(stderr, "xvs-connect: %s:%u: %s\n", path, line, why);
    return false;
}

static bool
wrong_file(const char *path, const char *why)
{
    fprintf(stderr, "xvs-connect: %s: %s\n", path, why);
    return false;
}

/* Without blanks at both ends. */
static char *
trim(char *text)
{
    size_t n;

    text += strspn(text, " \t");
    n = strlen(text);
    while (n > 0 && strchr(" \t\r\n", text[n - 1])) {
        n--;
    }
    text[n] = 0;
    return text;
}

static bool
add_host(struct options *options, const char *host, const char *value,
         char why[200])
{
    struct host_place one, *all;

    if (strlen(host) >= sizeof(one.host)
        || !place_parse(&one.place, value)) {
        snprintf(why, 200, "host NAME = PLACE needs HOST:PORT or unix:PATH, "
                 "not '%.80s'", value);
        return false;
    }
    strcpy(one.host, host);
    all = realloc(options->hosts, (options->n_hosts + 1) * sizeof(*all));
    if (!all) {
        snprintf(why, 200, "no memory");
        return false;
    }
    options->hosts = all;
    all[options->n_hosts++] = one;
    return true;
}

static bool
take_line(struct options *options, char *line, char why[200])
{
    char *value = strchr(line, '='), *name;

    if (!value) {
        snprintf(why, 200, "there is no '=' after the name");
        return false;
    }
    *value++ = 0;
    name = trim(line);
    value = trim(value);
    if (strncmp(name, "host ", 5) == 0) {
        return add_host(options, trim(name + 5), value, why);
    }
    if (strcmp(name, "token-file") == 0) {
        why[0] = 0;
        return options_read_token(options, value);
    }
    return options_set(options, name, value, why);
}

bool
options_read_file(struct options *options, const char *path, bool optional)
{
    FILE *file = fopen(path, "re");
    char text[1024], why[200], *line;
    bool good = true;

    if (!file) {
        return (optional && (errno == ENOENT || errno == ENOTDIR))
            || wrong_file(path, strerror(errno));
    }
    for (unsigned n = 1; good && fgets(text, sizeof(text), file); n++) {
        line = trim(text);
        if (*line == 0 || *line == '#') {
            continue;
        }
        good = take_line(options, line, why);
        if (!good && why[0]) {
            wrong_line(path, n, why);
        }
    }
    fclose(file);
    return good;
}

bool
options_read_token(struct options *options, const char *path)
{
    FILE *file = fopen(path, "re");
    char text[sizeof(options->token)] = "", *token;
    struct stat status;

    if (!file) {
        return wrong_file(path, strerror(errno));
    }
    if (fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode)
        && (status.st_mode & 077)) {
        fclose(file);
        return wrong_file(path, "others may read this token: chmod 600");
    }
    if (!fgets(text, sizeof(text), file)) {
        text[0] = 0;
    }
    fclose(file);
    token = trim(text);
    if (*token == 0 || strlen(token) + 2 >= sizeof(text)
        || token[strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrs"
                        "tuvwxyz0123456789-._~+/=")] != 0) {
        return wrong_file(path, "the first line is no token: up to 509 "
                          "letters, digits and -._~+/=");
    }
    strcpy(options->token, token);
    return true;
}
