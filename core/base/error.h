/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_BASE_ERROR_H
#define XVS_BASE_ERROR_H

/*
 * Errors written for the person who has to act.
 *
 * Outside the packet path a function that can fail returns bool and fills a
 * struct error: what went wrong, where, and what to do about it.  The struct
 * is a plain value (no heap), so it can live on the stack, be copied and be
 * thrown away.  Readers that report many problems per run collect them in a
 * struct error_list.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What kind of failure it is: decides exit codes and CIM status codes. */
enum error_code {
    ERROR_NONE = 0,
    ERROR_FAILED,         /* anything that no other code describes */
    ERROR_SYNTAX,         /* text or bytes that do not parse */
    ERROR_INVALID,        /* parses, but a value is not allowed */
    ERROR_TYPE,           /* a value of the wrong type */
    ERROR_NOT_FOUND,      /* the named thing does not exist */
    ERROR_NO_CLASS,       /* the named class does not exist */
    ERROR_NO_SUPERCLASS,  /* the named superclass does not exist */
    ERROR_NO_PROPERTY,    /* the class has no such property */
    ERROR_NO_METHOD,      /* the class has no such method */
    ERROR_NO_NAMESPACE,   /* the namespace does not exist */
    ERROR_EXISTS,         /* something of that name is there already */
    ERROR_IN_USE,         /* other things still depend on it */
    ERROR_DENIED,         /* the caller may not do this */
    ERROR_REFUSED,        /* an extension vetoed; text is its own message */
    ERROR_NO_CONSUMER,    /* no extension there to take the request */
    ERROR_TIMEOUT,        /* no answer in the allowed time */
    ERROR_PROVIDER,       /* the extension failed while answering */
    ERROR_BUSY,           /* try again later */
    ERROR_LIMIT,          /* a size or count limit was exceeded */
    ERROR_UNSUPPORTED,    /* understood, and not offered */
    ERROR_VERSION,        /* versions or hashes do not match */
    ERROR_IO,             /* the operating system said no */
};

enum error_severity { SEVERITY_ERROR = 0, SEVERITY_WARNING };

struct error {
    enum error_code code;
    enum error_severity severity;
    unsigned int line;    /* 1-based; 0: no place in a file */
    unsigned int column;  /* 1-based, in characters; 0: unknown */
    char file[160];       /* where; "" when not about a file */
    char text[480];       /* one sentence: what, and what was expected */
    char hint[240];       /* what to do; "" when there is nothing to add */
};

/*
 * Fills '*error' (may be NULL) and returns false, so that a caller can write
 * "return error_set(error, ...)".  Clears file, line, column and hint.
 */
bool error_set(struct error *error, enum error_code code,
               const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* As error_set(), and appends ": " and the text of errno value 'number'. */
bool error_set_errno(struct error *error, int number,
                     const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the hint to an error that is set.  Returns false. */
bool error_hint(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Puts "text: " in front of the error's text.  Returns false. */
bool error_prefix(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Sets the place an error is about; 'file' is copied.  Returns false. */
bool error_at(struct error *error, const char *file,
              unsigned int line, unsigned int column);

/*
 * Writes "file:line:col: text (hint)" into 'out', leaving out what is not
 * known; always terminates.  Returns 'out'.
 */
char *error_format(const struct error *error, char *out, size_t size);

/* The code's name in lower case, such as "no-consumer"; never NULL. */
const char *error_code_name(enum error_code code);

/* Errors and warnings of one run, in the order found. */
struct error_list {
    struct error *items;
    size_t n;             /* all entries, warnings too */
    size_t n_errors;      /* entries whose severity is SEVERITY_ERROR */
    size_t capacity;
    size_t limit;         /* entries beyond it only count; 0: 100 */
    size_t n_dropped;     /* how many were beyond the limit */
};

/* Appends a copy of '*error'.  Returns false when it is an error. */
bool error_list_add(struct error_list *list, const struct error *error);

/* Frees the entries and makes the list empty. */
void error_list_clear(struct error_list *list);

#endif
