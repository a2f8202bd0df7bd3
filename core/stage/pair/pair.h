/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_STAGE_PAIR_PAIR_H
#define XVS_STAGE_PAIR_PAIR_H

/*
 * The processes of one stage: one that works, one that is ready to, and one
 * that has loaded the plugin and waits to become the next of these.
 *
 *     spare ----> standby ----> active ----> retired ----> closed
 *       ^    told all    its        ends,          no worker
 *       |    that the predecessor   hangs,         has it
 *       |  active one    ended      lies
 *       | has accepted
 *   made anew
 *
 * A process takes 10 ms and more to be made, most of it for its sandbox; the
 * spare has that behind it.
 *
 * Whatever changes an extension's state is told to both, the active one
 * first.  When that refuses, the other is not asked; when the other one does
 * not accept what that has accepted, it is no twin any more and is replaced.
 *
 * When processes end soon after they were made, one after the other, new ones
 * come more and more slowly, a minute apart in the end; workers act by
 * on_failure meanwhile.
 *
 * All of it is the stage's control thread's, but where it says otherwise.
 */

#include <stdbool.h>
#include <stdint.h>
#include <xvs/extension.h>

struct buffer;
struct control_setting;
struct outcome;
struct pair;
struct stage;
struct stage_health;

/* stage->lanes are made with it. */
struct pair *pair_create(struct stage *stage);
/* Main thread: after pair_fini(), or when pair_init() failed.  Accepts
 * NULL. */
void pair_destroy(struct pair *pair);

/* The first process, in which init was called.  False: the outcome says why
 * not. */
bool pair_init(struct pair *pair, struct outcome *outcome);
/* fini, and an end to all processes, each of which has a part of this time for
 * it.  No packet is in any of them. */
#define PAIR_FINI_MS 2000u
void pair_fini(struct pair *pair);

/* Calls the active process; its result is in 'reply' as in process_call().
 * False: it has ended, or there is none, and the outcome says how. */
bool pair_call(struct pair *pair, struct buffer *message,
               struct buffer *reply, struct outcome *outcome);
/* Calls timer() of whoever was woken, or else of both.  What goes wrong is
 * told as the end of a process. */
void pair_timer(struct pair *pair);
/* Tells the standby what the active process has accepted.  One that does not
 * answer within a second more than that took is ended. */
void pair_echo(struct pair *pair, struct buffer *message);

/* Takes over what the extension keeps, when it is to be this stage's and
 * nobody else has it. */
void pair_own(struct pair *pair);

/* From now on there shall be a standby. */
void pair_want_standby(struct pair *pair);

/* Whether only the active process is told of states: it has sockets. */
bool pair_is_alone(const struct pair *pair);
/* Before the active process hears of a state: whether it may open sockets. */
void pair_state(struct pair *pair, enum xvs_state state);
/* Before it hears of a setting: judges what that grants.  False: the answer
 * says why it cannot be.  And after it has accepted, or refused. */
bool pair_offer(struct pair *pair, const struct control_setting *head,
                const void *block, struct xvs_answer *answer);
void pair_settle(struct pair *pair, const struct control_setting *head,
                 bool accepted);

/* What was accepted, for those that are yet to come. */
struct roster *pair_roster(struct pair *pair);

/* Main thread: the call that is being made is over its time; whoever is called
 * is ended. */
void pair_late(struct pair *pair, const char *what);
/* Main thread, now and then: ends a process that has grown too large. */
void pair_watch(struct pair *pair);
/* Main thread, now and then: finds out whether it hangs in ready(). */
void pair_ping(struct pair *pair);
/* Main thread: how the processes do. */
void pair_health(struct pair *pair, struct stage_health *out);

#endif
