/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_KEEP_H
#define XVS_KEEP_H

/*
 * Memory that an extension keeps when its process ends: counters, flows,
 * leases.  Since version 1.4.
 *
 *     init()     xvs_keep() with how much, and a version of what it means
 *     hooks      read it as any memory; write it with xvs_keep_set()
 *     taken()    there was an instance before, and all is yours now
 *
 * One instance after the other has the same bytes: on the same switch, whether
 * the one before crashed, was ended, was upgraded, moved to another partition
 * or was disabled.  They end with xvs-switch, with the switch, and when the
 * extension is removed from the host.  Only bytes that mean something anywhere
 * belong there: no pointers, but offsets; no locks.
 *
 * Exactly once.  When a process ends in the midst of packets, or a hook in a
 * domain does, these are given to the next instance.  What the hook wrote with
 * xvs_keep_set() or xvs_keep_add() for packets that it had not finished is
 * taken back before, so that each packet counts once.  What it wrote otherwise
 * stays as it is.  The same holds for a control hook: when its process ends in
 * it, it has written nothing.
 *
 * Who writes.  One instance owns the memory: the one that gets packets.
 *   - Packet hooks write with the burst that they were called with.
 *   - Control hooks write with NULL for the burst.  They are called in the
 *     standby, too, and in a successor while its predecessor works: there
 *     these functions write nothing and return 0, and what the owner's hook
 *     wrote is there to be read.  xvs_keep_is_mine() tells before.
 *   - A byte is written by packet hooks or by control hooks, not by both: what
 *     one of them takes back would be the other's.  Either reads all, while it
 *     may change.  A control hook that wants a packet hook's byte changed says
 *     so in memory that they share (xvs/extension.h), and the hook does it.
 * In partitions process and copy one packet hook at a time runs, of all
 * instances together.  In partitions inline and domain several may, as
 * everywhere (xvs/extension.h), and for a moment of two instances when one of
 * another stage follows, as after an upgrade: bytes of one flow are written by
 * one of them at a time, for others there is xvs_keep_add().  When an instance
 * fails in a domain, its hooks have ended before those of the next one begin.
 *
 * What it costs: a write is noted with the value before, 16 bytes.  A partition
 * in which nothing can be taken back (inline) notes nothing.
 */

#include <string.h>
#include <xvs/extension.h>

#define XVS_KEEP_LIMIT (64u << 20)  /* bytes, at most */
/* So many writes of up to 8 bytes always succeed for each packet of a burst;
 * longer ones count as several.  256 times as many in one control hook. */
#define XVS_KEEP_WRITES 32u
#define XVS_KEEP_ENTRIES (XVS_KEEP_WRITES * XVS_BURST)

/* One write: how it can be taken back. */
struct xvs_keep_entry {
    uint32_t offset;            /* in the bytes */
    uint32_t what;              /* 1 to 8: so many are to be as in 'before';
                                 * XVS_KEEP_ADDED: that was added */
    uint64_t before;
};

#define XVS_KEEP_ADDED 0x100u   /* to a uint64_t */

/* What was written since a hook began.  The host's but for the functions
 * below. */
struct xvs_keep_log {
    uint32_t n;                 /* entries */
    uint32_t reserved;
    uint64_t whose;             /* packets */
    uint64_t reserved2[6];
    struct xvs_keep_entry entries[XVS_KEEP_ENTRIES];
};

/*
 * Filled partly by the extension, and by xvs_keep() with the rest; it stays
 * where it is as long as the instance lives.
 *
 * taken() says that the instance owns the memory now, and that others had it
 * before: what was derived from it in init() is to be derived again.  'burst'
 * has no packets and is for xvs_keep_set().  It runs where packet hooks do, and
 * before any of them; it is to return within 20 ms, because packets wait.  When
 * the process ends in it, or in a domain the instance, it is called in the next
 * one, with the bytes as they are then.  In two cases packet hooks may be
 * running: inline, where it is a control hook, and in a domain when the
 * instance follows that of another stage, as after an upgrade.
 *
 * When the size or the version is another than the last instance's, as after
 * an upgrade, there are new bytes, all zero, and the old ones in 'before', to
 * be read until taken() has returned.  In taken(), nobody changes them any
 * more; and 'before' is NULL when an instance of the new version has taken
 * them over already.
 */
struct xvs_keep {
    uint32_t size;              /* of this struct: the extension's */
    uint32_t version;           /* of what the bytes mean: the extension's */
    uint64_t n;                 /* bytes wanted: the extension's */
    /* Since version 1.4: called when the instance owns the memory, which
     * others had before; see above.  The extension's, or NULL. */
    void (*taken)(void *self, const struct xvs_burst *burst);
    void *bytes;                /* 'n' of them, aligned to 4096 */
    const void *before;         /* NULL: none of another version */
    uint64_t before_size;
    uint32_t before_version;
    uint32_t instance;          /* so many have had it, with this: 1: the
                                 * first, all is zero */
    /* The host's. */
    const uint32_t *mine;       /* 1: control hooks write */
    struct xvs_keep_log *logs;  /* the control hooks', then packet hooks';
                                 * NULL: nothing is noted */
    uint32_t shared;            /* 1: several packet hooks at a time */
    uint32_t reserved;
};

/*
 * In init(): the memory.  Returns an enum xvs_result: XVS_NOT_SUPPORTED when
 * the host is older, XVS_INVALID_PARAMETER when size or version are not what
 * the same extension has asked for before in this stage, or beyond the limit,
 * XVS_RESOURCES when there is not so much.  Whoever does without may set
 * 'bytes' to memory of its own, and use the functions below all the same.
 */
static inline int
xvs_keep(const struct xvs_host *host, struct xvs_keep *keep)
{
    if (host->size < offsetof(struct xvs_host, keep) + sizeof(host->keep)
        || !host->keep) {
        return XVS_NOT_SUPPORTED;
    }
    return host->keep(host, keep);
}

/* Whether control hooks of this instance write now. */
static inline int
xvs_keep_is_mine(const struct xvs_keep *keep)
{
    return !keep->mine || __atomic_load_n(keep->mine, __ATOMIC_ACQUIRE) != 0;
}

/* Notes how 'size' bytes at 'to' are, or that 'added' is added to them (0: it
 * is not); 0: they must not be written. */
static inline int
xvs_keep_note(const struct xvs_keep *keep, const struct xvs_burst *burst,
              const void *to, uint32_t size, uint64_t added)
{
    uint64_t offset = (uint64_t) ((uintptr_t) to - (uintptr_t) keep->bytes);
    struct xvs_keep_log *log;
    struct xvs_keep_entry *entry;

    if (offset > keep->n || keep->n - offset < size
        || (!burst && !xvs_keep_is_mine(keep))) {
        return 0;
    }
    if (!keep->logs) {
        return 1;
    }
    log = keep->logs + (burst ? burst->lane + 1 : 0);
    if (log->n >= XVS_KEEP_ENTRIES) {
        return 0;
    }
    entry = &log->entries[log->n];
    entry->offset = (uint32_t) offset;
    entry->what = added ? XVS_KEEP_ADDED : size;
    entry->before = added;
    if (!added) {
        memcpy(&entry->before, to, size);
    }
    /* Whatever ends us in between: it is noted before it is written. */
    __atomic_store_n(&log->n, log->n + 1, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    return 1;
}

/*
 * Copies 'size' bytes to 'to', which is within the bytes kept.  'burst' is the
 * packet hook's, or NULL in a control hook.  Returns 0 when it has written
 * nothing more: 'to' is elsewhere, the memory is not this instance's, or the
 * hook has written too often.
 */
static inline int
xvs_keep_set(const struct xvs_keep *keep, const struct xvs_burst *burst,
             void *to, const void *from, uint32_t size)
{
    uint8_t *at = (uint8_t *) to;
    const uint8_t *source = (const uint8_t *) from;

    while (size > 0) {
        uint32_t piece = size < 8 ? size : 8;

        if (!xvs_keep_note(keep, burst, at, piece, 0)) {
            return 0;
        }
        memcpy(at, source, piece);
        at += piece;
        source += piece;
        size -= piece;
    }
    return 1;
}

/* The same for values of these sizes, which must be aligned. */
static inline int
xvs_keep_set64(const struct xvs_keep *keep, const struct xvs_burst *burst,
               uint64_t *to, uint64_t value)
{
    int good = xvs_keep_note(keep, burst, to, 8, 0);

    if (good) {
        __atomic_store_n(to, value, __ATOMIC_RELAXED);
    }
    return good;
}

static inline int
xvs_keep_set32(const struct xvs_keep *keep, const struct xvs_burst *burst,
               uint32_t *to, uint32_t value)
{
    int good = xvs_keep_note(keep, burst, to, 4, 0);

    if (good) {
        __atomic_store_n(to, value, __ATOMIC_RELAXED);
    }
    return good;
}

/* Adds to a counter, also when packet hooks of several workers do. */
static inline int
xvs_keep_add(const struct xvs_keep *keep, const struct xvs_burst *burst,
             uint64_t *counter, uint64_t n)
{
    if (n == 0) {
        return 1;
    }
    if (!xvs_keep_note(keep, burst, counter, 8, keep->shared ? n : 0)) {
        return 0;
    }
    if (keep->shared) {
        __atomic_fetch_add(counter, n, __ATOMIC_RELAXED);
    } else {
        __atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
    }
    return 1;
}

#endif
