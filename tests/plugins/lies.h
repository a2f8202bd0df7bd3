/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_TESTS_PLUGINS_LIES_H
#define XVS_TESTS_PLUGINS_LIES_H

/*
 * What an extension in a process of its own can do that knows how it is
 * hosted, and means harm: with the memory that it shares with xvs-switch, its
 * sockets, its signals.  In any other partition nothing of it is done.
 */

struct xvs_host;
struct xvs_packet;

/* By number, so that frames can ask for them; matrix/kinds.c says how each
 * has to end. */
enum lie {
    LIE_AHEAD = 0x40,           /* has finished what it was not given */
    LIE_BACK,                   /* what it had finished before */
    LIE_JUMP,                   /* 2^31 packets more */
    LIE_FLIP,                   /* one thing now, another in a moment */
    LIE_TAIL,                   /* writes what it was given */
    LIE_REMAP,                  /* makes it writable first */
    LIE_PACKET,                 /* writes metadata of packets */
    LIE_VERDICT,                /* one that there is not */
    LIE_LENGTH,                 /* a frame outside its buffer */
    LIE_METADATA,               /* a chain in a circle, ports, offloads */
    LIE_WORD,                   /* feigns its end */
    LIE_FRAMED,                 /* crashes in no hook, as it says */
    LIE_UNMARKED,               /* crashes so that the kernel does not say */
    LIE_UNMAPPED,               /* and without the memory to say it */
    LIE_HOLE,                   /* takes the shared memory away */
    LIE_SHRINK,                 /* or its files */
    LIE_GARBAGE,                /* says what is no message */
    LIE_HALF,                   /* says half a message */
    LIE_GIFTS,                  /* sends descriptors with it */
    LIE_NEWS,                   /* a flood of news that are none */
    LIE_BELLS,                  /* rings without an end */
    LIE_STORM,                  /* the same, and news, on its other thread */
    LIE_LEAVE,                  /* ends as if all were well */
    LIE_CATCH,                  /* catches its own crash and goes on */
    LIE_MASK,                   /* wants no signal */
    LIE_SCRAWL                  /* lies, and writes to what it was given for as
                                 * long as it lives */
};

/* Tells one, about the packet or not: 0: it is none of them. */
int lies_tell(const struct xvs_host *host, struct xvs_packet *packet,
              int what);
/* The control thread was woken, maybe by one: 0: it was not. */
int lies_timer(void);

#endif
