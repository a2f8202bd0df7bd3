/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc init: a new project, small and complete, from templates
 * (init-text.h).  It makes a folder that is not there yet, so that nothing is
 * ever overwritten.
 */

#include <config.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "header.h"
#include "init-text.h"
#include "mofc.h"

#define NAME_MAX_LENGTH 40
#define WORDS 16

/* What the templates' words stand for. */
struct word {
    const char *name;
    char *text;
};

struct project {
    const char *name, *vendor, *class;
    struct word words[WORDS];
    size_t n_words;
};

static void
add_word(struct project *project, const char *name, char *text)
{
    project->words[project->n_words++] = (struct word) { name, text };
}

static const char *
find_word(const struct project *project, const char *name, size_t length)
{
    for (size_t i = 0; i < project->n_words; i++) {
        if (strlen(project->words[i].name) == length
            && strncmp(project->words[i].name, name, length) == 0) {
            return project->words[i].text;
        }
    }
    return NULL;
}

/* ---- What is asked for ---------------------------------------------------- */

static bool
check_name(const char *name, struct error *error)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-");

    if (!islower((unsigned char) name[0]) || name[length]
        || length > NAME_MAX_LENGTH || name[length - 1] == '-') {
        return error_set(error, ERROR_INVALID, "'%s' is no name for an"
                         " extension: it takes small letters, digits and '-',"
                         " begins with a letter, and has at most %d"
                         " characters", name, NAME_MAX_LENGTH);
    }
    return true;
}

static bool
check_class(const char *class, struct error *error)
{
    static const char *const classes[] = { "filter", "capture", "forward",
                                           "service", NULL };

    for (size_t i = 0; class && classes[i]; i++) {
        if (strcmp(class, classes[i]) == 0) {
            return true;
        }
    }
    return error_set(error, ERROR_INVALID, "%s%s%s: an extension is of class"
                     " filter (may change and drop packets), capture (sees"
                     " them), forward (chooses their way) or service (has"
                     " none)", class ? "--class=" : "--class is missing",
                     class ? class : "", class ? "" : "");
}

static bool
check_vendor(const char *vendor, struct error *error)
{
    bool has_letter = false;

    for (size_t i = 0; vendor[i]; i++) {
        has_letter |= isalpha((unsigned char) vendor[i]) != 0;
        if (!isalnum((unsigned char) vendor[i])
            && !strchr(" .,-&", vendor[i])) {
            return error_set(error, ERROR_INVALID, "--vendor=%s: letters,"
                             " digits, spaces and \".,-&\" only", vendor);
        }
    }
    return (has_letter && strlen(vendor) < 60)
        || error_set(error, ERROR_INVALID, "--vendor=%s: 1 to 59 characters,"
                     " one of them a letter", vendor);
}

/* ---- Words ---------------------------------------------------------------- */

/* "Rate limits, Inc." becomes "RateLimitsInc". */
static void
put_camel(struct buffer *out, const char *text)
{
    bool begins = true;

    for (; *text; text++) {
        if (!isalnum((unsigned char) *text)) {
            begins = true;
        } else {
            buffer_putc(out, begins ? (char) toupper((unsigned char) *text)
                                    : *text);
            begins = false;
        }
    }
}

/* What names of classes begin with: "Acme_RateLimit". */
static char *
class_name(const struct project *project)
{
    struct buffer out = BUFFER_INIT;

    if (!isalpha((unsigned char) project->vendor[0])) {
        buffer_putc(&out, 'V');
    }
    put_camel(&out, project->vendor);
    buffer_putc(&out, '_');
    put_camel(&out, project->name);
    return buffer_steal(&out);
}

static char *
guid_words(const struct xvs_guid *guid)
{
    char text[GUID_TEXT_SIZE];

    return mem_strdup(guid_format(guid, text));
}

static char *
guid_as_c(const struct xvs_guid *guid)
{
    const uint8_t *d = guid->d;

    return mem_printf("{ 0x%08x, 0x%04x, 0x%04x,\n            { 0x%02x, 0x%02x,"
                      " 0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x, 0x%02x } }",
                      guid->a, guid->b, guid->c, d[0], d[1], d[2], d[3],
                      d[4], d[5], d[6], d[7]);
}

static void
add_guids(struct project *project)
{
    struct xvs_guid guid;

    guid_random(&guid);
    add_word(project, "id", guid_words(&guid));
    add_word(project, "id_c", guid_as_c(&guid));
    guid_random(&guid);
    add_word(project, "uuid_settings", guid_words(&guid));
    guid_random(&guid);
    add_word(project, "uuid_status", guid_words(&guid));
}

/* A value that the README gives the setting. */
static const char *
example_of(const char *class)
{
    return strcmp(class, "filter") == 0 ? "MaximumSize=1000"
        : strcmp(class, "capture") == 0 ? "MinimumSize=1000"
        : strcmp(class, "forward") == 0 ? "Peer=OTHER-PORT"
        : "Interval=500";
}

static void
add_words(struct project *project)
{
    time_t now = time(NULL);
    char date[64], year[8];
    char *class = class_name(project);

    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S +0000", gmtime(&now));
    strftime(year, sizeof year, "%Y", gmtime(&now));
    add_word(project, "name", mem_strdup(project->name));
    add_word(project, "vendor", mem_strdup(project->vendor));
    add_word(project, "class", class);
    add_word(project, "prefix", name_snake(class));
    add_word(project, "class_word", mem_strdup(project->class));
    add_word(project, "example", mem_strdup(example_of(project->class)));
    add_word(project, "port_hint",
             mem_strdup(strcmp(project->class, "forward") == 0 ? "/PORT"
                                                               : ""));
    add_word(project, "date", mem_strdup(date));
    add_word(project, "year", mem_strdup(year));
    add_guids(project);
}

/* ---- Files ---------------------------------------------------------------- */

/* Whether "%if CLASS..." is about the project. */
static bool
is_for(const char *line, size_t length, const char *class)
{
    size_t size = strlen(class);

    for (size_t i = 4; i + size <= length; i++) {
        if (line[i - 1] == ' ' && strncmp(line + i, class, size) == 0
            && (i + size == length || line[i + size] == ' ')) {
            return true;
        }
    }
    return false;
}

/* A line with its words replaced. */
static void
put_line(const struct project *project, const char *line, size_t length,
         struct buffer *out)
{
    for (size_t i = 0; i < length; i++) {
        const char *end = line[i] == '@'
            ? memchr(line + i + 1, '@', length - i - 1) : NULL;
        const char *word = end
            ? find_word(project, line + i + 1, (size_t) (end - line - i) - 1)
            : NULL;

        if (word) {
            buffer_puts(out, word);
            i = (size_t) (end - line);
        } else {
            buffer_putc(out, line[i]);
        }
    }
    buffer_putc(out, '\n');
}

static void
expand(const struct project *project, const char *text, struct buffer *out)
{
    bool is_on = true;

    while (*text) {
        size_t length = strcspn(text, "\n");

        if (strncmp(text, "%if ", 4) == 0) {
            is_on = is_for(text, length, project->class);
        } else if (length == 4 && strncmp(text, "%end", 4) == 0) {
            is_on = true;
        } else if (is_on) {
            put_line(project, text, length, out);
        }
        text += length + 1;
    }
}

/* Writes a file that is not there yet; 'path' is below the project. */
static bool
write_file(const struct project *project, const char *path, const char *text,
           struct error *error)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    MEM_AUTO char *name = mem_printf("%s/%s", project->name, path);
    int mode = strcmp(path, "debian/rules") == 0 ? 0777 : 0666;
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    bool good;

    if (fd < 0) {
        return error_set_errno(error, errno, "%s", name);
    }
    expand(project, text, &out);
    good = write(fd, out.data, out.size) == (ssize_t) out.size;
    if (close(fd) != 0 || !good) {
        return error_set_errno(error, errno, "cannot write %s", name);
    }
    return true;
}

static bool
make_folder(const struct project *project, const char *path,
            struct error *error)
{
    MEM_AUTO char *name = mem_printf("%s%s", project->name, path);

    if (mkdir(name, 0777) != 0) {
        error_set_errno(error, errno, "%s", name);
        return errno == EEXIST
            ? error_hint(error, "choose another name, or take it away: init"
                                " overwrites nothing") : false;
    }
    return true;
}

/* Where a template goes; NULL: it is not for this project. */
static char *
path_of(const struct project *project, const char *template, bool debian)
{
    bool forward = strcmp(project->class, "forward") == 0;

    if (strcmp(template, forward ? "forward.c" : "plugin.c") == 0) {
        return mem_printf("%s.c", project->name);
    }
    if (strcmp(template, "schema.mof") == 0) {
        return mem_printf("%s.mof", project->name);
    }
    if (strcmp(template, "plugin.c") == 0
        || strcmp(template, "forward.c") == 0
        || (!debian && text_starts_with(template, "debian/"))) {
        return NULL;
    }
    return mem_strdup(template);
}

static bool
write_project(const struct project *project, bool debian,
              struct error *error)
{
    if (!make_folder(project, "", error)
        || (debian && (!make_folder(project, "/debian", error)
                       || !make_folder(project, "/debian/source", error)))) {
        return false;
    }
    for (size_t i = 0; init_texts[i].name; i++) {
        MEM_AUTO char *path = path_of(project, init_texts[i].name, debian);

        if (path && !write_file(project, path, init_texts[i].text, error)) {
            return false;
        }
    }
    return true;
}

int
mofc_init(const struct mofc_options *options)
{
    struct project project = {
        .name = options->files[0], .class = options->extension_class,
        .vendor = options->vendor ? options->vendor : "Example" };
    struct error error;
    bool good;

    if (!check_name(project.name, &error)
        || !check_class(project.class, &error)
        || !check_vendor(project.vendor, &error)) {
        mofc_report(&error);
        return MOFC_USAGE;
    }
    add_words(&project);
    good = write_project(&project, options->debian, &error);
    for (size_t i = 0; i < project.n_words; i++) {
        free(project.words[i].text);
    }
    if (!good) {
        return mofc_fail(&error);
    }
    printf("%s: an extension of class %s; next: cd %s && make check\n",
           project.name, project.class, project.name);
    return MOFC_OK;
}
