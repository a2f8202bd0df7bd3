/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_SCHEMA_MOF_PARSE_H
#define XVS_SCHEMA_MOF_PARSE_H

/*
 * The state that the files of the MOF parser share.  The parser is recursive
 * descent with one token in hand.  A function that reads a construct returns
 * false after it has reported an error; who reads a list of constructs then
 * skips to where the next one starts.
 *
 *     mof-parse.c       texts, declarations
 *     mof-common.c      tokens, reports, going on after an error, lists
 *     mof-pragma.c      #pragma
 *     mof-include.c     included files, files with missing classes
 *     mof-class.c       classes and their members
 *     mof-qualifier.c   qualifiers and their declarations
 *     mof-instance.c    instances and aliases
 *     mof-value.c       literals
 */

#include <stdbool.h>
#include <stddef.h>
#include "base/buffer.h"
#include "schema/compile.h"
#include "schema/mof/mof-lex.h"
#include "schema/value.h"

struct map;
struct source;

/* Nested #pragma include. */
#define MOF_MAX_DEPTH 32
/* Files of one compilation. */
#define MOF_MAX_FILES 16384

/* A list that is being read; kept from one list to the next. */
struct mof_list {
    void *items;
    size_t n, capacity;
};

struct mof_file;

/* A use of an alias, to be looked up at the end. */
struct mof_alias_use {
    const char *name;
    const char *file;
    unsigned int line, column;
};

struct mof_parser {
    const struct schema_options *options;
    struct schema_unit *unit;
    struct error_list *errors;
    const char *file;           /* the text in hand; lives as the unit */
    struct lexer lexer;
    struct token token;         /* the token in hand */
    struct token previous;      /* the one before it */
    const char *looked_until;   /* for "};", see class_size_guess() */
    bool end_seen;              /* and it was there */
    unsigned int depth;         /* of includes */
    struct mof_list files;      /* struct mof_file: those read so far */
    struct map *class_names;    /* classes of the unit */
    struct map *aliases;        /* declared ones */
    struct map *names;          /* members of what is being read */
    struct mof_list alias_uses;
    struct buffer text;         /* a string that is being put together */
    struct mof_list values;     /* of an array */
    struct mof_list qualifiers;
    struct mof_list parameters;
    struct mof_list properties;
    struct mof_list methods;
    struct mof_list assignments;    /* of an instance */
};

/* mof-common.c */
void mof_next(struct mof_parser *parser);
/* Reports at the token; returns false. */
bool mof_error(struct mof_parser *parser, const struct token *at,
               const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Adds a finished error (its place is set here); returns false. */
bool mof_report(struct mof_parser *parser, const struct token *at,
                struct error *error);
/* "expected WHAT, found ...", at the token in hand. */
bool mof_expected(struct mof_parser *parser, const char *what);
/* Takes the punctuation, or reports. */
bool mof_take(struct mof_parser *parser, char punctuation);
/* Takes it when it is there. */
bool mof_accept(struct mof_parser *parser, char punctuation);
/* Takes a name into the arena; NULL after a report. */
const char *mof_name(struct mof_parser *parser, struct arena *arena,
                     const char *what);
/* Skips to behind the next ';', or before what ends or starts a list. */
void mof_recover(struct mof_parser *parser);
/* True at the end of the text and where a declaration begins its line. */
bool mof_at_declaration(const struct mof_parser *parser);
/* Room for one more item of 'size' bytes, zeroed; NULL after a report when
 * there are 'limit' already. */
void *mof_list_add(struct mof_parser *parser, struct mof_list *list,
                   size_t size, size_t limit);
/* Copies the items behind the first 'from' into the arena and removes them
 * from the list. */
void *mof_list_take(struct mof_list *list, size_t from, size_t size,
                    struct arena *arena);

/* True when the class or instance in work has no member of that name yet;
 * it has one from now on. */
bool mof_name_is_new(struct mof_parser *parser, const char *name);
/* Before another class or instance. */
void mof_names_clear(struct mof_parser *parser);

/* mof-parse.c */
/* Reads all declarations of the text, which is parser->file's. */
void mof_read_source(struct mof_parser *parser, struct source *source);

/* mof-pragma.c */
bool mof_pragma(struct mof_parser *parser);

/* mof-include.c */
/* The file of that name beside 'beside' or on the include path; heap, NULL
 * when there is none. */
char *mof_find_path(const struct mof_parser *parser, const char *beside,
                    const char *name);
/* Remembers that parser->file is being read, if it is a file; false when the
 * unit has it already. */
bool mof_open_first(struct mof_parser *parser);
/* Reads a file into the unit, if it was not read before. */
bool mof_read_file(struct mof_parser *parser, const char *path,
                   const struct token *at);
/* Reads '<Class>.mof' for every class that is missing, where found. */
void mof_search_classes(struct mof_parser *parser);

/* mof-class.c */
/* The token in hand is "class"; 'cls' has its qualifiers, and is taken
 * over. */
bool mof_class(struct mof_parser *parser, struct cim_class *cls);

/* mof-qualifier.c */
/* Reads "[...]" into 'arena', when it is there. */
bool mof_qualifiers(struct mof_parser *parser, struct arena *arena,
                    struct qualifier **qualifiers, uint32_t *n);
bool mof_qualifier_type(struct mof_parser *parser);

/* mof-instance.c */
/* The token in hand is "instance"; the qualifiers are copied. */
bool mof_instance(struct mof_parser *parser,
                  const struct qualifier *qualifiers, uint32_t n_qualifiers);
/* "as $x", when it is there, into 'alias'. */
bool mof_alias(struct mof_parser *parser, struct arena *arena,
               const char **alias);
/* Reports aliases that nothing declares. */
void mof_check_aliases(struct mof_parser *parser);

/* mof-value.c */
/* A literal as it is written; NULL has type CIM_NONE. */
bool mof_literal(struct mof_parser *parser, struct arena *arena,
                 struct value *value);
/* A literal or "{...}". */
bool mof_initializer(struct mof_parser *parser, struct arena *arena,
                     struct value *value);
/* The same, converted to the type. */
bool mof_constant(struct mof_parser *parser, struct arena *arena,
                  enum cim_type type, bool is_array, struct value *value);
/* "[n]" or "[]", when it is there. */
bool mof_array_size(struct mof_parser *parser, bool *is_array,
                    uint32_t *size);

#endif
