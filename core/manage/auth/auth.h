/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_MANAGE_AUTH_H
#define XVS_MANAGE_AUTH_H

/*
 * Who may do what.  Every operation passes one gate, auth_allows(), with a
 * principal; a principal that nobody filled in is denied everything.
 *
 *     unix socket   peer credentials (SO_PEERCRED) against users and groups
 *     TCP           name and password, or a client certificate's name,
 *                   against the password file ("user:role:hash" lines)
 *
 * Hashes of crypt(3) are slow on purpose, so they are computed on a thread
 * of their own, one at a time; refusals are answered with a delay that grows.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct auth;
struct auth_check;
struct crypt_data;
struct error;
struct loop;
struct manage_options;

enum auth_role {
    ROLE_NONE = 0,      /* the zero value: nothing is allowed */
    ROLE_READER,
    ROLE_ADMIN,
};

enum auth_right {
    RIGHT_NONE = 0,     /* the zero value: nobody has it */
    RIGHT_READ,
    RIGHT_CHANGE,
};

#define AUTH_NAME_SIZE 64

struct principal {
    enum auth_role role;
    char name[AUTH_NAME_SIZE];  /* "" when nobody; for limits and the log */
};

/* The gate. */
bool auth_allows(const struct principal *principal, enum auth_right right);

/* Reads the groups; the password file is read when it is needed. */
struct auth *auth_create(struct loop *loop,
                         const struct manage_options *options,
                         struct error *error);
void auth_destroy(struct auth *auth);       /* accepts NULL */

/* The peer of a unix socket: its user and all its groups. */
void auth_peer(const struct auth *auth, uid_t uid, const gid_t *groups,
               size_t n_groups, struct principal *principal);
/* The name of a verified client certificate: a line "name:role:*" or any
 * other hash gives it its role. */
void auth_certificate(const struct auth *auth, const char *name,
                      struct principal *principal);

/*
 * Checks the value of an Authorization field.  'done' is called later, from
 * the loop, with a principal that is nobody when the check failed ('where'
 * names the peer: its failures make the answer slower), unless
 * auth_check_cancel() was called.  NULL: too many checks are waiting.
 */
typedef void (*auth_done)(void *arg, const struct principal *principal);
struct auth_check *auth_check(struct auth *auth, const char *authorization,
                              const char *where, auth_done done, void *arg);
/* Forgets the one who asked; 'done' will not be called. */
void auth_check_cancel(struct auth_check *check);   /* accepts NULL */

/* Decodes "Basic <base64 of user:password>"; both are terminated texts in
 * 'out'.  False when it is anything else. */
bool auth_decode(const char *authorization, char *out, size_t size,
                 char **user, char **password);
/* Compares in a time that depends on the length of 'b' only. */
bool auth_equal(const char *a, const char *b);

/* The one check behind them (auth-file.c): looks a user up in a password
 * file.  With 'password' NULL the name is enough (it was verified). */
void auth_file_check(const char *file, const char *user, const char *password,
                     struct crypt_data *scratch,
                     struct principal *principal);

#endif
