/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Command lines.  Every refusal names the word that it is about and, when
 * something like it exists, that.
 */

#include <config.h>

#include "client/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

#define MAX_CANDIDATES 64

static void
suggest(struct error *error, const char *word, const char **candidates,
        size_t n, const char *otherwise)
{
    const char *near;

    candidates[n] = NULL;
    near = text_nearest(word, candidates);
    if (near) {
        error_hint(error, "did you mean '%s'?", near);
    } else {
        error_hint(error, "%s", otherwise);
    }
}

static bool
unknown_noun(const char *word, struct error *error)
{
    const char *candidates[MAX_CANDIDATES];
    size_t n = 0;

    for (const struct noun *noun = command_nouns; noun->name; noun++) {
        candidates[n++] = noun->name;
    }
    error_set(error, ERROR_INVALID, "there is no noun '%s'", word);
    suggest(error, word, candidates, n, "xvsctl --help lists them");
    return false;
}

static bool
unknown_verb(const struct noun *noun, const char *word, struct error *error)
{
    const char *candidates[MAX_CANDIDATES];
    size_t n = 0;

    for (const struct command *c = noun->commands; c->verb; c++) {
        candidates[n++] = c->verb;
    }
    error_set(error, ERROR_INVALID, "%s has no verb '%s'", noun->name, word);
    suggest(error, word, candidates, n, "see --help of the noun");
    return false;
}

static bool
unknown_option(const struct args *args, const char *word,
               struct error *error)
{
    const char *candidates[MAX_CANDIDATES];
    const struct option *own = args->command ? args->command->options : NULL;
    size_t n = 0;

    for (; own && own->name; own++) {
        candidates[n++] = own->name;
    }
    for (own = command_global_options; own->name; own++) {
        candidates[n++] = own->name;
    }
    error_set(error, ERROR_INVALID, "there is no option %s%s",
              word[1] ? "--" : "-", word);
    suggest(error, word, candidates, n, "see --help");
    return false;
}

static void
add_given(struct args *args, const struct option *option, const char *text)
{
    mem_grow(&args->given, &args->given_capacity, args->n_given,
             sizeof *args->given);
    args->given[args->n_given].option = option;
    args->given[args->n_given++].text = text;
}

/* A parse in progress: the rest of the line. */
struct rest {
    const char *const *line;
    size_t n, at;
};

/* Gives the option its argument: 'attached', else the next word. */
static bool
take_option(struct args *args, const struct option *option,
            const char *attached, struct rest *rest, struct error *error)
{
    if (!option->argument) {
        add_given(args, option, NULL);
        return !attached
               || error_set(error, ERROR_INVALID,
                            "option --%s takes no argument", option->name);
    }
    if (*option->argument == '[') {
        add_given(args, option, attached);
        return true;
    }
    if (!attached) {
        if (rest->at == rest->n) {
            return error_set(error, ERROR_INVALID, "option --%s needs %s",
                             option->name, option->argument);
        }
        attached = rest->line[rest->at++];
    }
    add_given(args, option, attached);
    return true;
}

static bool
take_long(struct args *args, const char *word, struct rest *rest,
          struct error *error)
{
    const char *equals = strchr(word, '=');
    MEM_AUTO char *name = equals
        ? mem_strndup(word, (size_t) (equals - word)) : mem_strdup(word);
    const struct option *option = NULL;

    if (args->command) {
        option = option_by_name(args->command->options, name);
    }
    if (!option) {
        option = option_by_name(command_global_options, name);
    }
    if (!option) {
        return unknown_option(args, name, error);
    }
    return take_option(args, option, equals ? equals + 1 : NULL, rest,
                       error);
}

/* "-x", "-xy" (flags), "-xVALUE". */
static bool
take_short(struct args *args, const char *letters, struct rest *rest,
           struct error *error)
{
    while (*letters) {
        char text[2] = { *letters++, '\0' };
        const struct option *option = NULL;

        if (args->command) {
            option = option_by_letter(args->command->options, *text);
        }
        if (!option) {
            option = option_by_letter(command_global_options, *text);
        }
        if (!option) {
            return unknown_option(args, text, error);
        }
        if (option->argument && *option->argument != '[') {
            return take_option(args, option, *letters ? letters : NULL,
                               rest, error);
        }
        add_given(args, option, NULL);
    }
    return true;
}

static void
add_word(struct args *args, const char *word)
{
    mem_grow(&args->words, &args->words_capacity, args->n_words,
             sizeof *args->words);
    args->words[args->n_words++] = word;
}

/* A word that is no option: noun, verb, or an argument. */
static bool
take_word(struct args *args, const char *word, struct error *error)
{
    if (!args->noun) {
        args->noun = command_noun(word);
        if (!args->noun) {
            return unknown_noun(word, error);
        }
        /* A noun that stands alone is complete with its options. */
        if (args->noun->fallback && !*args->noun->fallback) {
            args->command = command_verb(args->noun, "");
        }
        return true;
    }
    if (!args->command) {
        args->command = command_verb(args->noun, word);
        return args->command || unknown_verb(args->noun, word, error);
    }
    add_word(args, word);
    return true;
}

bool
args_parse(struct args *args, const char *const *line, size_t n,
           struct error *error)
{
    struct rest rest = { line, n, 0 };
    bool options = true;

    memset(args, 0, sizeof *args);
    while (rest.at < rest.n) {
        const char *word = rest.line[rest.at++];
        bool done;

        if (options && strcmp(word, "--") == 0) {
            options = false;
            continue;
        }
        if (options && word[0] == '-' && word[1] == '-') {
            /* "event --since" has no verb yet and means the usual one. */
            if (args->noun && !args->command && args->noun->fallback
                && !option_by_name(command_global_options, word + 2)) {
                args->command = command_verb(args->noun,
                                             args->noun->fallback);
            }
            done = take_long(args, word + 2, &rest, error);
        } else if (options && word[0] == '-' && word[1]) {
            done = take_short(args, word + 1, &rest, error);
        } else {
            done = take_word(args, word, error);
        }
        if (!done) {
            return false;
        }
    }
    return true;
}

bool
args_check(const struct args *args, struct error *error)
{
    const struct command *command = args->command;
    const char *wrong = NULL;

    if (args->n_words < command->n_min) {
        wrong = "too few arguments";
    } else if (args->n_words > command->n_max) {
        wrong = "too many arguments";
    }
    if (!wrong) {
        return true;
    }
    error_set(error, ERROR_INVALID, "%s", wrong);
    return error_hint(error, "usage: xvsctl %s%s%s%s%s", args->noun->name,
                      *command->verb ? " " : "", command->verb,
                      *command->arguments ? " " : "", command->arguments);
}

void
args_clear(struct args *args)
{
    free(args->words);
    free(args->given);
    memset(args, 0, sizeof *args);
}

bool
args_has(const struct args *args, const char *option)
{
    for (size_t i = 0; i < args->n_given; i++) {
        if (strcmp(args->given[i].option->name, option) == 0) {
            return true;
        }
    }
    return false;
}

const char *
args_value(const struct args *args, const char *option)
{
    const char *text = NULL;

    for (size_t i = 0; i < args->n_given; i++) {
        if (strcmp(args->given[i].option->name, option) == 0) {
            text = args->given[i].text;
        }
    }
    return text;
}

bool
args_number(const struct args *args, const char *option,
            unsigned long long limit, unsigned long long otherwise,
            unsigned long long *number, struct error *error)
{
    const char *text = args_value(args, option);
    uint64_t value;

    *number = otherwise;
    if (!text) {
        return true;
    }
    if (!text_to_u64(text, &value) || value > limit) {
        return error_set(error, ERROR_INVALID,
                         "--%s %s: expected a number of at most %llu",
                         option, text, limit);
    }
    *number = value;
    return true;
}

const char *
args_word(const struct args *args, size_t index)
{
    return index < args->n_words ? args->words[index] : NULL;
}

/* Reads one word at '*text' into 'word'; false when a quote stays open. */
static bool
split_word(const char **text, struct buffer *word)
{
    const char *at = *text;
    char quote = '\0';

    for (; *at && (quote || !strchr(" \t\n", *at)); at++) {
        if (*at == '\\' && quote != '\'' && at[1]) {
            buffer_putc(word, *++at);
        } else if (quote && *at == quote) {
            quote = '\0';
        } else if (!quote && (*at == '"' || *at == '\'')) {
            quote = *at;
        } else {
            buffer_putc(word, *at);
        }
    }
    *text = at;
    return !quote;
}

bool
args_split(const char *line, char ***words, size_t *n, struct error *error)
{
    size_t capacity = 0;

    *words = NULL;
    *n = 0;
    for (;;) {
        struct buffer word = BUFFER_INIT;

        line += strspn(line, " \t\n");
        if (!*line || *line == '#') {
            return true;
        }
        if (!split_word(&line, &word)) {
            buffer_free(&word);
            return error_set(error, ERROR_SYNTAX,
                             "a quote is not closed");
        }
        mem_grow(words, &capacity, *n, sizeof **words);
        (*words)[(*n)++] = buffer_steal(&word);
    }
}
