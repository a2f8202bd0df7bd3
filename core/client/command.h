/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_COMMAND_H
#define XVS_CLIENT_COMMAND_H

/*
 * The one table of what xvsctl can do: nouns, their verbs, options and kinds
 * of words.  Parsing, --help, completion in shells and in "xvsctl shell", and
 * the check of the man page all read it.
 */

#include <stdbool.h>
#include <stddef.h>

struct run;

/* What a word stands for: decides what completion offers. */
enum word_kind {
    WORD_NONE = 0,
    WORD_FREE,          /* anything; nothing to offer */
    WORD_FILE,
    WORD_FOLDER,
    WORD_SWITCH,
    WORD_PORT,          /* of the switch that the word before names */
    WORD_PLACE,         /* SWITCH or SWITCH/PORT */
    WORD_EXTENSION,
    WORD_ENTRY,         /* extension enabled on the switch of the first word,
                         * or network */
    WORD_SCHEMA,
    WORD_CLASS,         /* any class */
    WORD_SETTING_CLASS,
    WORD_STATUS_CLASS,
    WORD_SCHEMA_CLASS,  /* a schema or a class */
    WORD_ASSIGNMENT,    /* Name=value of the class in an earlier word */
    WORD_METHOD,        /* of the class in the word before */
    WORD_DRIVER,        /* of a port */
    WORD_MODE,          /* of its driver */
    WORD_PARTITION,     /* of a stage */
    WORD_SHARING,       /* how two stages hold a place */
    WORD_VM,            /* behind the management channel */
    WORD_LINK,          /* how it is reached */
    WORD_QUARANTINED,   /* a packet that ended processes */
    WORD_NOUN,
};

/* An option; 'argument' NULL means that it takes none, "[X]" that it may
 * take one, attached: --watch=5. */
struct option {
    const char *name;       /* without "--"; NULL ends a table */
    char letter;            /* or 0 */
    const char *argument;
    const char *help;
    enum word_kind kind;    /* of the argument */
};

#define MAX_WORD_KINDS 4
#define ANY_NUMBER 0xffffu

struct command {
    const char *verb;           /* "" when the noun stands alone; NULL ends
                                 * a table */
    const char *arguments;      /* as --help shows them */
    const char *summary;
    const struct option *options;       /* beside the global ones, or NULL */
    /* Kind of each word; the last one repeats. */
    enum word_kind words[MAX_WORD_KINDS];
    unsigned int n_min, n_max;          /* words allowed */
    bool (*run)(struct run *run);
};

struct noun {
    const char *name;       /* NULL ends a table */
    const char *summary;
    const struct command *commands;
    const char *fallback;   /* verb when none is given, or NULL */
    bool hidden;            /* for scripts: not in --help */
};

extern const struct noun command_nouns[];
extern const struct option command_global_options[];

const struct noun *command_noun(const char *name);      /* or NULL */
const struct command *command_verb(const struct noun *noun,
                                   const char *name);   /* or NULL */
const struct option *option_by_name(const struct option *options,
                                    const char *name);
const struct option *option_by_letter(const struct option *options,
                                      char letter);

/* Help at each level; 'noun' and 'command' may be NULL. */
void command_help(const struct noun *noun, const struct command *command);

/* The tables of the nouns, one file each in noun/. */
extern const struct command call_commands[];
extern const struct command capture_commands[];
extern const struct command class_commands[];
extern const struct command complete_commands[];
extern const struct command config_commands[];
extern const struct command doctor_commands[];
extern const struct command event_commands[];
extern const struct command ext_commands[];
extern const struct command feature_commands[];
extern const struct command instance_commands[];
extern const struct command port_commands[];
extern const struct command quarantine_commands[];
extern const struct command query_commands[];
extern const struct command schema_commands[];
extern const struct command shell_commands[];
extern const struct command stage_commands[];
extern const struct command status_commands[];
extern const struct command support_commands[];
extern const struct command switch_commands[];
extern const struct command top_commands[];
extern const struct command trace_commands[];
extern const struct command version_commands[];
extern const struct command vm_commands[];
extern const struct command web_commands[];
extern const struct command wql_commands[];
extern const struct command help_commands[];

#endif
