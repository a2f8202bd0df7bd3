/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The nouns, the options that every command takes, and the help made of
 * both.
 */

#include <config.h>

#include "client/command.h"

#include <stdio.h>
#include <string.h>

const struct option command_global_options[] = {
    { "socket", 0, "PATH", "unix socket of xvsd (XVS_SOCKET)", WORD_FILE },
    { "host", 0, "HOST[:PORT]", "another host, by https", WORD_FREE },
    { "cacert", 0, "FILE", "authority that signed its certificate",
      WORD_FILE },
    { "cert", 0, "FILE", "our certificate", WORD_FILE },
    { "key", 0, "FILE", "key of our certificate", WORD_FILE },
    { "user", 0, "NAME", "user there, with --password-file", WORD_FREE },
    { "password-file", 0, "FILE", "its first line is the password",
      WORD_FILE },
    { "timeout", 0, "SECONDS", "longest wait for the server (60)",
      WORD_FREE },
    { "json", 0, NULL, "answer as JSON", WORD_NONE },
    { "names", 'n', NULL, "answer with names only, one per line", WORD_NONE },
    { "value", 0, "PROPERTY", "answer with this value of each object",
      WORD_FREE },
    { "help", 'h', NULL, "say how a command is used", WORD_NONE },
    { "version", 'V', NULL, "say which version this is", WORD_NONE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct noun command_nouns[] = {
    { "switch", "virtual switches", switch_commands, NULL, false },
    { "port", "ports of switches", port_commands, NULL, false },
    { "ext", "extensions: install, enable", ext_commands, NULL, false },
    { "stage", "extensions on switches: counters and cost", stage_commands,
      "list", false },
    { "schema", "schemas of extensions' features", schema_commands, NULL,
      false },
    { "feature", "settings of extensions", feature_commands, NULL, false },
    { "query", "status and counters of extensions", query_commands, "",
      false },
    { "vm", "VMs behind the management channel", vm_commands, "list",
      false },
    { "capture", "packets, as a capture file", capture_commands, "", false },
    { "quarantine", "packets that ended processes", quarantine_commands,
      "list", false },
    { "trace", "what each stage does to packets", trace_commands, "", false },
    { "call", "methods", call_commands, "", false },
    { "config", "save, restore and check configurations", config_commands,
      NULL, false },
    { "event", "what happened", event_commands, "list", false },
    { "status", "is everything well, and what is not", status_commands, "",
      false },
    { "top", "what ports and stages do, live", top_commands, "", false },
    { "doctor", "what this host has and lacks", doctor_commands, "", false },
    { "support-bundle", "what helpers need, as one file", support_commands,
      "", false },
    { "web", "the web page, for a browser on this host", web_commands, "",
      false },
    { "class", "classes of the object model", class_commands, NULL, false },
    { "instance", "objects of any class", instance_commands, NULL, false },
    { "wql", "queries in WQL", wql_commands, "", false },
    { "shell", "many commands, with completion and history", shell_commands,
      "", false },
    { "help", "how a command is used", help_commands, "", false },
    { "version", "versions of command and server", version_commands, "",
      false },
    { "complete", "candidates for shells", complete_commands, "", true },
    { NULL, NULL, NULL, NULL, false },
};

const struct noun *
command_noun(const char *name)
{
    for (const struct noun *noun = command_nouns; noun->name; noun++) {
        if (strcmp(noun->name, name) == 0) {
            return noun;
        }
    }
    return NULL;
}

const struct command *
command_verb(const struct noun *noun, const char *name)
{
    for (const struct command *c = noun->commands; c->verb; c++) {
        if (strcmp(c->verb, name) == 0) {
            return c;
        }
    }
    return NULL;
}

const struct option *
option_by_name(const struct option *options, const char *name)
{
    for (; options && options->name; options++) {
        if (strcmp(options->name, name) == 0) {
            return options;
        }
    }
    return NULL;
}

const struct option *
option_by_letter(const struct option *options, char letter)
{
    for (; options && options->name; options++) {
        if (options->letter == letter) {
            return options;
        }
    }
    return NULL;
}

static void
print_options(const char *title, const struct option *options)
{
    if (!options) {
        return;
    }
    printf("\n%s:\n", title);
    for (; options->name; options++) {
        const char *argument = options->argument ? options->argument : "";
        char left[48];

        if (*argument == '[') {
            snprintf(left, sizeof left, "--%s[=%s", options->name,
                     argument + 1);
        } else {
            snprintf(left, sizeof left, "--%s%s%s", options->name,
                     *argument ? " " : "", argument);
        }
        printf("  %c%c%s", options->letter ? '-' : ' ',
               options->letter ? options->letter : ' ',
               options->letter ? ", " : "  ");
        printf("%-24s %s\n", left, options->help);
    }
}

static void
print_usage(const char *start, const struct noun *noun,
            const struct command *command)
{
    printf("%s xvsctl %s%s%s%s%s\n", start, noun->name,
           *command->verb ? " " : "", command->verb,
           *command->arguments ? " " : "", command->arguments);
}

static void
help_noun(const struct noun *noun)
{
    const char *start = "usage:";

    for (const struct command *c = noun->commands; c->verb; c++) {
        print_usage(start, noun, c);
        start = "      ";
    }
    printf("\n%s: %s\n", noun->name, noun->summary);
    for (const struct command *c = noun->commands; c->verb; c++) {
        if (*c->verb) {
            printf("  %-10s %s\n", c->verb, c->summary);
        }
    }
    for (const struct command *c = noun->commands; c->verb; c++) {
        char title[64];

        snprintf(title, sizeof title, "options%s%s", *c->verb ? " of " : "",
                 c->verb);
        print_options(title, c->options);
    }
    print_options("options of every command", command_global_options);
}

static void
help_all(void)
{
    puts("usage: xvsctl [OPTION...] NOUN [VERB] [ARGUMENT...]\n");
    for (const struct noun *noun = command_nouns; noun->name; noun++) {
        if (!noun->hidden) {
            printf("  %-10s %s\n", noun->name, noun->summary);
        }
    }
    print_options("options of every command", command_global_options);
    puts("\nxvsctl NOUN --help says more; xvsctl(1) says everything.");
}

void
command_help(const struct noun *noun, const struct command *command)
{
    if (!noun) {
        help_all();
    } else if (!command) {
        help_noun(noun);
    } else {
        print_usage("usage:", noun, command);
        printf("\n%s\n", command->summary);
        print_options("options", command->options);
        print_options("options of every command", command_global_options);
    }
}
