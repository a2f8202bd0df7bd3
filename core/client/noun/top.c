/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * xvsctl top: what ports and stages do, live.  On a terminal it draws with a
 * few escape sequences that all of them know; elsewhere (--batch, --once, a
 * pipe, TERM=dumb) it writes one list per look.
 */

#include <config.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/loop.h"
#include "base/text.h"
#include "client/command.h"
#include "client/host/rates.h"
#include "client/run.h"

#define PERIOD_S 2.0
#define SHORTEST_S 0.1
#define LONGEST_S 3600.0
#define STAGE_SHARE 3       /* stages get a third of the lines at least */

struct top {
    struct run *run;
    struct rates rates;
    const char *only;           /* a switch, or NULL */
    double period_s;
    unsigned long long n_looks; /* then it ends; 0: never */
    enum rates_order order;
    bool is_batch;              /* lists, one below the other */
    bool is_done;               /* somebody has pressed q */
    char trouble[200];          /* why the last look failed, or "" */
    struct termios own;         /* the terminal as it was */
};

static volatile sig_atomic_t was_ended;

static void
end_soon(int number)
{
    (void) number;
    was_ended = 1;
}

static void
ignore(int number)
{
    (void) number;      /* SIGWINCH: it interrupts poll(), which is enough */
}

/* ---- Options ------------------------------------------------------------ */

static bool
read_order(struct top *top)
{
    static const char *const names[] = { "in", "out", "drops", "name" };
    const char *text = run_option(top->run, "sort");

    for (size_t i = 0; text && i < 4; i++) {
        if (strcmp(text, names[i]) == 0) {
            top->order = (enum rates_order) i;
            return true;
        }
    }
    return !text || run_usage(top->run, "--sort=%s: expected in, out, drops "
                              "or name", text);
}

static bool
read_options(struct top *top)
{
    struct run *run = top->run;
    const char *text = run_option(run, "interval");
    bool once = run_has(run, "once");

    top->period_s = once ? 1 : PERIOD_S;
    if (text && (!text_to_double(text, &top->period_s)
                 || !(top->period_s >= SHORTEST_S
                      && top->period_s <= LONGEST_S))) {
        return run_usage(run, "--interval=%s: expected seconds, %.1f to %.0f",
                         text, SHORTEST_S, LONGEST_S);
    }
    if (!args_number(&run->args, "count", 1000000000, 0, &top->n_looks,
                     &run->error)) {
        run->usage = true;
        return false;
    }
    top->n_looks = once ? 1 : top->n_looks;
    text = getenv("TERM");
    top->is_batch = once || run_has(run, "batch") || run->form != RUN_TABLE
                    || !isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)
                    || !text || strcmp(text, "dumb") == 0;
    return read_order(top);
}

/* ---- A screen ----------------------------------------------------------- */

/* The line that the buffer ends with, cut to the width, and its end. */
static void
end_line(struct buffer *out, size_t start, size_t width)
{
    if (out->size - start > width) {
        out->size = start + width;
    }
    buffer_puts(out, "\033[K\n");
}

static void
put_header(const struct top *top, struct buffer *out)
{
    static const char *const orders[] = { "in", "out", "drops", "name" };
    char clock[16];
    time_t now = time(NULL);
    struct tm tm;

    strftime(clock, sizeof clock, "%H:%M:%S", localtime_r(&now, &tm));
    buffer_printf(out, "xvs %s  every %.1f s, by %s", clock, top->period_s,
                  orders[top->order]);
    if (*top->trouble) {
        buffer_printf(out, "  %s", top->trouble);
    } else {
        buffer_puts(out, "  keys: i in, o out, d drops, n name, q quit");
    }
}

static size_t
count_of(const struct rates *rates, enum rates_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < rates->n; i++) {
        n += rates->rows[i].kind == kind;
    }
    return n;
}

static void
put_kind(const struct top *top, enum rates_kind kind, size_t most,
         size_t width, struct buffer *out)
{
    size_t start = out->size;
    size_t n = 0;

    buffer_puts(out, "\033[7m");
    rates_put_title(out, kind);
    end_line(out, start, width + 4);
    out->size -= 4;
    buffer_puts(out, "\033[0m\033[K\n");
    for (size_t i = 0; i < top->rates.n && n < most; i++) {
        if (top->rates.rows[i].kind == kind) {
            start = out->size;
            rates_put_row(out, &top->rates.rows[i]);
            end_line(out, start, width);
            n++;
        }
    }
}

static void
draw(struct top *top)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;
    struct winsize size = { .ws_row = 24, .ws_col = 80 };
    size_t lines, n_ports, n_stages, most, start;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row < 2) {
        size.ws_row = 24;
        size.ws_col = 80;
    }
    rates_sort(&top->rates, top->order);
    lines = size.ws_row > 5 ? size.ws_row - 5u : 1;
    n_ports = count_of(&top->rates, RATES_PORT);
    n_stages = count_of(&top->rates, RATES_STAGE);
    most = lines > n_ports ? lines - n_ports : 0;
    if (most < lines / STAGE_SHARE) {
        most = lines / STAGE_SHARE;
    }
    n_stages = n_stages < most ? n_stages : most;
    buffer_puts(&out, "\033[H");
    start = out.size;
    put_header(top, &out);
    end_line(&out, start, size.ws_col);
    put_kind(top, RATES_PORT, lines - n_stages, size.ws_col, &out);
    put_kind(top, RATES_STAGE, n_stages, size.ws_col, &out);
    buffer_puts(&out, "\033[J");
    fwrite(out.data, 1, out.size, stdout);
    fflush(stdout);
}

/* ---- A list ------------------------------------------------------------- */

static void
print_list(struct top *top)
{
    BUFFER_AUTO struct buffer out = BUFFER_INIT;

    rates_sort(&top->rates, top->order);
    if (top->run->form == RUN_JSON) {
        rates_json(&top->rates, &out);
    } else {
        for (int kind = RATES_PORT; kind <= RATES_STAGE; kind++) {
            rates_put_title(&out, (enum rates_kind) kind);
            buffer_putc(&out, '\n');
            for (size_t i = 0; i < top->rates.n; i++) {
                if ((int) top->rates.rows[i].kind == kind) {
                    rates_put_row(&out, &top->rates.rows[i]);
                    buffer_putc(&out, '\n');
                }
            }
        }
    }
    fwrite(out.data, 1, out.size, stdout);
    fflush(stdout);
}

/* ---- Looking ------------------------------------------------------------ */

static void
press(struct top *top, char key)
{
    static const char keys[] = "iodn";
    const char *at = key ? strchr(keys, key) : NULL;

    if (key == 'q' || key == 'Q' || key == 4) {
        top->is_done = true;
    } else if (at) {
        top->order = (enum rates_order) (at - keys);
    }
}

/* Until the next look is due; a key or another size draws at once. */
static void
pause_until(struct top *top, uint64_t due_ns)
{
    struct pollfd keys = { .fd = top->is_batch ? -1 : STDIN_FILENO,
                           .events = POLLIN };
    uint64_t now_ns;

    while (!top->is_done && !was_ended
           && (now_ns = loop_now_ns()) < due_ns) {
        int n = poll(&keys, 1, (int) ((due_ns - now_ns) / 1000000) + 1);
        char key;

        if (n > 0) {
            if (read(STDIN_FILENO, &key, 1) != 1) {
                top->is_done = true;
                return;
            }
            press(top, key);
        }
        if ((n > 0 || (n < 0 && errno == EINTR)) && !top->is_batch) {
            draw(top);
        }
    }
}

static bool
look_on(struct top *top)
{
    uint64_t period_ns = (uint64_t) (top->period_s * 1e9);
    uint64_t due_ns = loop_now_ns();

    for (unsigned long long n = 0; !top->is_done && !was_ended; n++) {
        bool done = rates_look(&top->rates, top->run, top->only);

        if (!done && (top->is_batch || !n)) {
            return false;
        }
        snprintf(top->trouble, sizeof top->trouble, "%.190s",
                 done ? "" : top->run->error.text);
        if (!top->is_batch) {
            draw(top);
        } else if (n) {         /* the first look has no rates */
            print_list(top);
        }
        if (top->n_looks && n >= top->n_looks) {
            break;
        }
        due_ns += period_ns;
        if (due_ns < loop_now_ns()) {
            due_ns = loop_now_ns();
        }
        pause_until(top, due_ns);
    }
    return true;
}

/* With the terminal in a state for single keys, and as it was afterwards. */
static bool
look_on_terminal(struct top *top)
{
    struct termios keys;
    bool done;

    if (tcgetattr(STDIN_FILENO, &top->own) != 0) {
        return error_set_errno(&top->run->error, errno,
                               "cannot use the terminal");
    }
    keys = top->own;
    keys.c_lflag &= ~(tcflag_t) (ICANON | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    tcsetattr(STDIN_FILENO, TCSANOW, &keys);
    fputs("\033[?1049h\033[?25l", stdout);      /* a screen; no cursor */
    done = look_on(top);
    fputs("\033[?25h\033[?1049l", stdout);
    fflush(stdout);
    tcsetattr(STDIN_FILENO, TCSANOW, &top->own);
    return done;
}

static bool
run_top(struct run *run)
{
    struct sigaction end = { .sa_handler = end_soon };
    struct sigaction other_size = { .sa_handler = ignore };
    struct sigaction own[3];
    struct top top = { .run = run, .only = run_word(run, 0) };
    bool done;

    if (!read_options(&top)) {
        return false;
    }
    was_ended = 0;
    sigaction(SIGINT, &end, &own[0]);
    sigaction(SIGTERM, &end, &own[1]);
    sigaction(SIGWINCH, &other_size, &own[2]);
    done = top.is_batch ? look_on(&top) : look_on_terminal(&top);
    sigaction(SIGINT, &own[0], NULL);
    sigaction(SIGTERM, &own[1], NULL);
    sigaction(SIGWINCH, &own[2], NULL);
    rates_free(&top.rates);
    return done;
}

static const struct option options[] = {
    { "interval", 'i', "SECONDS", "between looks (2)", WORD_FREE },
    { "sort", 's', "ORDER", "in, out, drops or name", WORD_FREE },
    { "batch", 'b', NULL, "lists instead of a screen", WORD_NONE },
    { "once", '1', NULL, "one list, of one second", WORD_NONE },
    { "count", 'c', "N", "end after so many", WORD_FREE },
    { NULL, 0, NULL, NULL, WORD_NONE },
};

const struct command top_commands[] = {
    { "", "[SWITCH]", "Shows what ports and stages do, live.", options,
      { WORD_SWITCH }, 0, 1, run_top },
    { NULL, NULL, NULL, NULL, { WORD_NONE }, 0, 0, NULL },
};
