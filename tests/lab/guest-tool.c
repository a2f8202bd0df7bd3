/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one program inside the guests of the lab, and its other end on the host.
 * It is linked statically, because a guest has busybox and nothing else.
 *
 *     guest-tool agent DEVICE             runs commands, in the guest
 *     guest-tool run SOCKET SECONDS CMD   has the agent run one, on the host
 *     guest-tool sink PORT                TCP: takes everything, checks it
 *     guest-tool blast ADDRESS PORT       until it is ended in order
 *
 * A command goes to the agent as "#NONCE CMD\n" and comes back as "\2NONCE\n",
 * its output, "\4NONCE STATUS\n": with the nonce an answer that nobody waited
 * for any more is told from one's own.  The stream of blast has a pattern
 * whose period is prime, so that lost, doubled and moved bytes show at once:
 * checksums are offloaded here and do not find them.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define PERIOD 65521u /* prime */
#define START '\2'
#define END '\4'

static unsigned char pattern[2 * PERIOD];
static volatile sig_atomic_t ended; /* SIGTERM has come */

static void
die(const char *what)
{
    fprintf(stderr, "guest-tool: %s: %s\n", what, strerror(errno));
    exit(2);
}

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static void
make_pattern(void)
{
    for (unsigned int i = 0; i < 2 * PERIOD; i++) {
        pattern[i] = (unsigned char) ((i % PERIOD) * 2654435761u >> 24);
    }
}

static void
write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, text, size);

        if (n > 0) {
            text += n;
            size -= (size_t) n;
        } else if (n < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 1000);
        } else if (errno != EINTR) {
            return;
        }
    }
}

/* Runs a command; what it prints goes to 'out'.  Its own background programs
 * may keep the pipe open: it ends when the shell has gone and the pipe is
 * dry. */
static int
run_shell(const char *command, int out)
{
    char buffer[4096];
    int ends[2], status = 0;
    bool gone = false;

    if (pipe(ends) != 0) {
        return 126;
    }
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        execl("/bin/sh", "sh", "-c", command, (char *) NULL);
        _exit(127);
    }
    close(ends[1]);
    for (;;) {
        struct pollfd ready = {ends[0], POLLIN, 0};

        if (poll(&ready, 1, gone ? 0 : 20) > 0) {
            ssize_t n = read(ends[0], buffer, sizeof buffer);

            if (n <= 0) {
                break;
            }
            write_all(out, buffer, (size_t) n);
        } else if (gone) {
            break;
        } else {
            gone = waitpid(pid, &status, WNOHANG) == pid;
        }
    }
    close(ends[0]);
    if (!gone) {
        waitpid(pid, &status, 0);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

_Noreturn static void
agent(const char *device)
{
    char line[4096], mark[64];
    size_t length = 0;
    struct termios raw;
    int fd = open(device, O_RDWR | O_CLOEXEC);

    if (fd < 0) {
        die(device);
    }
    if (tcgetattr(fd, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(fd, TCSANOW, &raw);
    }
    for (;;) {
        if (read(fd, &line[length], 1) != 1) {
            usleep(20000); /* nobody is connected at the host's end */
            continue;
        }
        if (line[length] != '\n') {
            length += length < sizeof line - 1;
            continue;
        }
        line[length] = '\0';
        length = 0;
        char *command = strchr(line, ' ');
        if (line[0] != '#' || !command) {
            continue;
        }
        *command++ = '\0';
        write_all(fd, mark,
                  (size_t) snprintf(mark, sizeof mark, "%c%.40s\n", START,
                                    line + 1));
        int status = run_shell(command, fd);
        write_all(fd, mark,
                  (size_t) snprintf(mark, sizeof mark, "%c%.40s %d\n", END,
                                    line + 1, status));
    }
}

static int
connect_unix(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof to.sun_path) {
        errno = ENAMETOOLONG;
        die(path);
    }
    strcpy(to.sun_path, path);
    if (fd < 0 || connect(fd, (struct sockaddr *) &to, sizeof to) != 0) {
        die(path);
    }
    return fd;
}

/* Where the reader of an agent's answer is. */
struct answer {
    char nonce[32]; /* of the command that we sent */
    char mark[64];  /* the mark that is being read */
    size_t length;  /* of 'mark' */
    enum { SKIP, BEGIN, OUTPUT, FINISH } state;
};

/* Takes one byte; the exit status when it was the last, else -1. */
static int
answer_byte(struct answer *answer, char byte)
{
    if (byte == START || (byte == END && answer->state == OUTPUT)) {
        answer->state = byte == START ? BEGIN : FINISH;
        answer->length = 0;
        return -1;
    }
    if (answer->state == OUTPUT) {
        putchar(byte);
    }
    if (answer->state == OUTPUT || answer->state == SKIP) {
        return -1;
    }
    if (byte != '\n') {
        answer->mark[answer->length] = byte;
        answer->length += answer->length < sizeof answer->mark - 1;
        return -1;
    }
    answer->mark[answer->length] = '\0';
    if (answer->state == BEGIN) {
        answer->state =
            strcmp(answer->mark, answer->nonce) == 0 ? OUTPUT : SKIP;
        return -1;
    }
    char *status = strchr(answer->mark, ' ');
    return status ? atoi(status) : 126;
}

static int
run(const char *path, double seconds, const char *command)
{
    struct answer answer = {.state = SKIP};
    int fd = connect_unix(path);
    double end = now() + seconds;
    char buffer[4096];

    snprintf(answer.nonce, sizeof answer.nonce, "%d.%ld", (int) getpid(),
             (long) (now() * 1e6) % 100000000);
    dprintf(fd, "#%s %s\n", answer.nonce, command);
    for (;;) {
        struct pollfd ready = {fd, POLLIN, 0};
        double left = end - now();

        if (left <= 0 || poll(&ready, 1, (int) (left * 1000)) <= 0) {
            fprintf(stderr, "guest-tool: no answer in %g s to: %s\n", seconds,
                    command);
            return 124;
        }
        ssize_t n = read(fd, buffer, sizeof buffer);
        if (n <= 0) {
            fprintf(stderr, "guest-tool: the guest has gone\n");
            return 125;
        }
        for (ssize_t i = 0; i < n; i++) {
            int status = answer_byte(&answer, buffer[i]);

            if (status >= 0) {
                return status;
            }
        }
        fflush(stdout);
    }
}

/* Reads one connection to its end and says what came. */
static void
take(int fd)
{
    static unsigned char buffer[PERIOD];
    unsigned long long total = 0, wrong = 0;
    double start = now();
    ssize_t n;

    while ((n = read(fd, buffer, sizeof buffer)) > 0) {
        wrong += memcmp(buffer, pattern + total % PERIOD, (size_t) n) != 0;
        total += (unsigned long long) n;
    }
    double seconds = now() - start;
    printf("sink %llu bytes, %llu wrong reads, %.1f MB/s\n", total, wrong,
           (double) total / seconds / 1e6);
    fflush(stdout);
}

_Noreturn static void
sink(int port)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned int short) port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), yes = 1;

    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *) &at, sizeof at) != 0
        || listen(fd, 8) != 0) {
        die("sink");
    }
    for (;;) {
        int one = accept(fd, NULL, NULL);

        if (one >= 0) {
            take(one);
            close(one);
        }
    }
}

static void
on_term(int signal_number)
{
    (void) signal_number;
    ended = 1;
}

static int
blast(const char *address, int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((unsigned short) port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    unsigned long long total = 0;
    double start = now();

    signal(SIGTERM, on_term);
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1 || fd < 0
        || connect(fd, (struct sockaddr *) &to, sizeof to) != 0) {
        die(address);
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    while (!ended) {
        ssize_t n = write(fd, pattern + total % PERIOD, PERIOD);

        if (n > 0) {
            total += (unsigned long long) n;
        } else if (n < 0 && errno == EAGAIN) {
            poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 100);
        } else if (errno != EINTR) {
            die("blast");
        }
    }
    printf("blast %llu bytes, %.1f MB/s\n", total,
           (double) total / (now() - start) / 1e6);
    return total == 0;
}

int
main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    signal(SIGPIPE, SIG_IGN);
    make_pattern();
    if (argc == 3 && strcmp(what, "agent") == 0) {
        agent(argv[2]);
    }
    if (argc == 5 && strcmp(what, "run") == 0) {
        return run(argv[2], atof(argv[3]), argv[4]);
    }
    if (argc == 3 && strcmp(what, "sink") == 0) {
        sink(atoi(argv[2]));
    }
    if (argc == 4 && strcmp(what, "blast") == 0) {
        return blast(argv[2], atoi(argv[3]));
    }
    fprintf(stderr, "usage: guest-tool agent|run|sink|blast ...\n");
    return 2;
}
