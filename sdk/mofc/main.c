/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvs-mofc: the command line.  A table of subcommands says what each takes;
 * parsing, --help and --version follow from it.
 */

#include <config.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "mofc.h"

/* Letters that a subcommand takes besides -I, --strict, --preprocess. */
struct command {
    const char *name;
    int (*run)(const struct mofc_options *options);
    size_t least, most;         /* files */
    bool has_output;
    bool is_project;            /* takes --class and so on, reads nothing */
    const char *arguments;
    const char *summary;
};

static const struct command commands[] = {
    { "lint", mofc_lint, 1, SIZE_MAX, false, false, "FILE...",
      "check schemas as xvsd does when they are registered" },
    { "mof", mofc_mof, 1, 1, true, false, "FILE", "write the classes as MOF" },
    { "xml", mofc_xml, 1, 1, true, false, "FILE", "write the classes as CIM-XML" },
    { "header", mofc_header, 1, 1, true, false, "FILE",
      "write the C header that a plugin includes" },
    { "man", mofc_man, 1, 1, true, false, "FILE",
      "write a manual page of the classes" },
    { "diff", mofc_diff, 2, 2, false, false, "OLD NEW",
      "report what a change does to plugins and settings" },
    { "init", mofc_init, 1, 1, false, true, "NAME",
      "write a small complete project of an extension" },
};

#define N_COMMANDS (sizeof commands / sizeof commands[0])

static void
print_options(const struct command *command)
{
    puts("\nOptions:");
    if (command && command->is_project) {
        puts("      --class=CLASS  filter, capture, forward or service\n"
             "      --vendor=NAME  who makes it (Example)\n"
             "      --debian       with files for a Debian package\n"
             "      --help         show this text\n"
             "      --version      show the version");
        return;
    }
    puts("  -I, --include=DIR  search included files and superclasses here");
    puts("      --strict       take warnings for errors");
    puts("      --preprocess   run #define, #ifdef, #if before reading MOF");
    if (!command || command->has_output) {
        puts("  -o, --output=FILE  write there, not to standard output");
    }
    puts("      --help         show this text");
    puts("      --version      show the version");
}

static int
print_help(const struct command *command)
{
    if (command) {
        printf("Usage: xvs-mofc %s [OPTION]... %s\n%s%s.\n", command->name,
               command->arguments, "xvs-mofc: ", command->summary);
    } else {
        puts("Usage: xvs-mofc COMMAND [OPTION]... FILE...\n"
             "The schema compiler for vendors of xvs extensions.\n\n"
             "Commands:");
        for (size_t i = 0; i < N_COMMANDS; i++) {
            printf("  %-6s  %-8s  %s\n", commands[i].name,
                   commands[i].arguments, commands[i].summary);
        }
    }
    print_options(command);
    return MOFC_OK;
}

static int
usage(const struct command *command, const char *what, const char *which)
{
    fprintf(stderr, "xvs-mofc%s%s: %s%s%s%s\n", command ? " " : "",
            command ? command->name : "", what, which ? " \"" : "",
            which ? which : "", which ? "\"" : "");
    fprintf(stderr, "Try: xvs-mofc%s%s --help\n", command ? " " : "",
            command ? command->name : "");
    return MOFC_USAGE;
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < N_COMMANDS; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

/* -1 to go on, else the exit code. */
static int
parse(const struct command *command, int argc, char **argv,
      struct mofc_options *options)
{
    static const struct option longs[] = {
        { "include", required_argument, NULL, 'I' },
        { "output", required_argument, NULL, 'o' },
        { "strict", no_argument, NULL, 's' },
        { "preprocess", no_argument, NULL, 'p' },
        { "class", required_argument, NULL, 'C' },
        { "vendor", required_argument, NULL, 'V' },
        { "debian", no_argument, NULL, 'D' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
        { NULL, 0, NULL, 0 },
    };
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, ":I:o:", longs, NULL)) != -1) {
        if (!strchr(":?hv", option)
            && command->is_project != (strchr("CVD", option) != NULL)) {
            return usage(command, "does not take", argv[optind - 1]);
        }
        switch (option) {
        case 'C':
            options->extension_class = optarg;
            break;
        case 'V':
            options->vendor = optarg;
            break;
        case 'D':
            options->debian = true;
            break;
        case 'I':
            options->include_dirs[options->n_include_dirs++] = optarg;
            break;
        case 'o':
            if (!command->has_output) {
                return usage(command, "takes no output file", NULL);
            }
            options->output = optarg;
            break;
        case 's':
            options->strict = true;
            break;
        case 'p':
            options->preprocess = true;
            break;
        case 'h':
            return print_help(command);
        case 'v':
            puts("xvs-mofc " PACKAGE_VERSION);
            return MOFC_OK;
        default:
            return usage(command, option == ':' ? "an argument is missing to"
                                                : "unknown option",
                         argv[optind - 1]);
        }
    }
    options->files = (const char *const *) argv + optind;
    options->n_files = (size_t) (argc - optind);
    if (options->n_files < command->least
        || options->n_files > command->most) {
        return usage(command, command->least == 2 ? "takes two files"
                              : command->is_project ? "takes one name"
                              : command->most == 1 ? "takes one file"
                                                   : "no file given", NULL);
    }
    return -1;
}

int
main(int argc, char **argv)
{
    struct mofc_options options = { 0 };
    const struct command *command;
    int code;

    if (argc < 2) {
        return usage(NULL, "no command given", NULL);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
        || strcmp(argv[1], "help") == 0) {
        return print_help(NULL);
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("xvs-mofc " PACKAGE_VERSION);
        return MOFC_OK;
    }
    command = find_command(argv[1]);
    if (!command) {
        return usage(NULL, "unknown command", argv[1]);
    }
    options.include_dirs = mem_array((size_t) argc,
                                     sizeof *options.include_dirs);
    code = parse(command, argc - 1, argv + 1, &options);
    if (code < 0) {
        code = command->run(&options);
    }
    free(options.include_dirs);
    return code;
}
