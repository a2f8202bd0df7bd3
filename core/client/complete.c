/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Completion: which kind of word is expected here, and which words of that
 * kind there are (complete-server.c asks the server).
 */

#include <config.h>

#include "client/complete.h"

#include <string.h>

#include "base/memory.h"
#include "client/args.h"
#include "client/complete-server.h"
#include "client/run.h"

void
completion_offer(struct completion *completion, const char *candidate)
{
    if (strncmp(candidate, completion->start,
                strlen(completion->start)) == 0) {
        completion->call(completion->arg, candidate);
    }
}

static void
offer_nouns(struct completion *completion)
{
    for (const struct noun *noun = command_nouns; noun->name; noun++) {
        if (!noun->hidden) {
            completion_offer(completion, noun->name);
        }
    }
}

static void
offer_verbs(struct completion *completion, const struct noun *noun)
{
    for (const struct command *c = noun->commands; c->verb; c++) {
        completion_offer(completion, c->verb);
    }
}

static void
offer_options(struct completion *completion, const struct option *options)
{
    for (; options && options->name; options++) {
        MEM_AUTO char *text = mem_printf("--%s", options->name);

        completion_offer(completion, text);
    }
}

static void
offer_kind(struct completion *completion, enum word_kind kind)
{
    switch (kind) {
    case WORD_NONE:
    case WORD_FREE:
        break;
    case WORD_FILE:
        completion->call(completion->arg, COMPLETE_FILES);
        break;
    case WORD_FOLDER:
        completion->call(completion->arg, COMPLETE_FOLDERS);
        break;
    case WORD_NOUN:
        if (completion->run.args.n_words == 0) {
            offer_nouns(completion);
        } else {
            const struct noun *noun =
                command_noun(run_word(&completion->run, 0));

            if (noun) {
                offer_verbs(completion, noun);
            }
        }
        break;
    default:
        completion_ask(completion, kind);
        break;
    }
}

/* The option whose argument is expected next, or NULL. */
static const struct option *
open_option(const struct args *args, const char *word)
{
    const struct option *option = NULL;
    const struct option *own = args->command ? args->command->options : NULL;

    if (!word || word[0] != '-' || !word[1]) {
        return NULL;
    }
    if (word[1] == '-') {
        option = option_by_name(own, word + 2);
        option = option ? option
                        : option_by_name(command_global_options, word + 2);
    } else if (!word[2]) {
        option = option_by_letter(own, word[1]);
    }
    return option && option->argument && *option->argument != '['
           ? option : NULL;
}

static enum word_kind
expected_kind(const struct args *args)
{
    const struct command *command = args->command;
    size_t at = args->n_words;

    if (at >= command->n_max) {
        return WORD_NONE;
    }
    /* The last kind that is named repeats. */
    at = at < MAX_WORD_KINDS ? at : MAX_WORD_KINDS - 1;
    while (at && command->words[at] == WORD_NONE) {
        at--;
    }
    return command->words[at];
}

void
complete_line(struct run *run, const char *const *words, size_t n,
              complete_call call, void *arg)
{
    struct completion completion = { .call = call, .arg = arg };
    struct args *args = &completion.run.args;
    const struct option *option;
    struct error ignored;

    if (!n) {
        return;
    }
    completion.start = words[n - 1];
    completion.run.session = run->session;
    args_parse(args, words, n - 1, &ignored);
    option = open_option(args, n > 1 ? words[n - 2] : NULL);
    if (option) {
        offer_kind(&completion, option->kind);
    } else if (completion.start[0] == '-') {
        if (args->command) {
            offer_options(&completion, args->command->options);
        }
        offer_options(&completion, command_global_options);
    } else if (!args->noun) {
        offer_nouns(&completion);
    } else if (!args->command) {
        offer_verbs(&completion, args->noun);
    } else {
        offer_kind(&completion, expected_kind(args));
    }
    args_clear(args);
}
