/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Load for the management interface: connections that each send a request
 * when they have the answer to the one before.
 *
 *     bench-cim [-u SOCKET | -t PORT -a USER:PASSWORD] [-c CONNECTIONS]
 *               [-s SECONDS] [-p SERVER-PID] get CLASS KEY VALUE
 *     bench-cim ... enumerate CLASS
 *
 * Prints requests per second, percentiles of latency and, of the server with
 * that pid, CPU time per request and per object.
 */

#include <config.h>

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SAMPLES 200000

struct load {
    const char *unix_path;      /* or NULL: TCP */
    unsigned int port;
    const char *login;          /* user:password, or NULL */
    unsigned int n_connections;
    double seconds;
    int pid;                    /* of the server; 0: not looked at */
    char *request;              /* head and body */
    size_t size;                /* of the request */
    double end;                 /* when to stop */
};

/* One connection's work. */
struct client {
    const struct load *load;
    pthread_t thread;
    char *answer;               /* buffer */
    size_t capacity;            /* of it */
    size_t answer_size;         /* of the last answer */
    uint64_t n, n_failed;       /* requests */
    double *samples;            /* latencies, seconds */
    size_t n_samples;
};

static double
now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

static int
open_connection(const struct load *load)
{
    struct sockaddr_un local = { .sun_family = AF_UNIX };
    struct sockaddr_in remote = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t) load->port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int one = 1;
    int fd = socket(load->unix_path ? AF_UNIX : AF_INET, SOCK_STREAM, 0);
    int failed;

    if (load->unix_path) {
        snprintf(local.sun_path, sizeof local.sun_path, "%s",
                 load->unix_path);
        failed = connect(fd, (const struct sockaddr *) &local, sizeof local);
    } else {
        failed = connect(fd, (const struct sockaddr *) &remote,
                         sizeof remote);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    if (failed) {
        perror("bench-cim: connect");
        exit(1);
    }
    return fd;
}

static bool
is_whole(const struct client *client, size_t size)
{
    const char *text = client->answer;
    const char *body = strstr(text, "\r\n\r\n");
    const char *length;

    if (!body) {
        return false;
    }
    length = strstr(text, "Content-Length: ");
    if (length && length < body) {
        return size - (size_t) (body + 4 - text)
               >= strtoul(length + 16, NULL, 10);
    }
    return size > 7 && memcmp(text + size - 7, "\r\n0\r\n\r\n", 7) == 0;
}

static bool
read_answer(struct client *client, int fd)
{
    size_t size = 0;

    for (;;) {
        ssize_t n = read(fd, client->answer + size,
                         client->capacity - size - 1);

        if (n <= 0) {
            return false;
        }
        size += (size_t) n;
        client->answer[size] = '\0';
        if (is_whole(client, size)) {
            client->answer_size = size;
            return memcmp(client->answer + 9, "200", 3) == 0;
        }
        if (client->capacity - size < 65536) {
            client->capacity *= 2;
            client->answer = realloc(client->answer, client->capacity);
        }
    }
}

static void *
run(void *arg)
{
    struct client *client = arg;
    const struct load *load = client->load;
    int fd = open_connection(load);

    while (now() < load->end) {
        double start = now();

        if (write(fd, load->request, load->size) != (ssize_t) load->size
            || !read_answer(client, fd)) {
            client->n_failed++;
            break;
        }
        if (client->n_samples < SAMPLES) {
            client->samples[client->n_samples++] = now() - start;
        }
        client->n++;
    }
    close(fd);
    return NULL;
}

/* User and system time of a process so far, in seconds. */
static double
cpu_of(int pid)
{
    char path[64];
    unsigned long user = 0, system = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    file = fopen(path, "r");
    if (!file) {
        return 0;
    }
    if (fscanf(file, "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
               "%*u %lu %lu", &user, &system) != 2) {
        user = system = 0;
    }
    fclose(file);
    return (double) (user + system) / (double) sysconf(_SC_CLK_TCK);
}

static void
put_base64(char *out, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t size = strlen(text);

    for (size_t i = 0; i < size; i += 3) {
        unsigned int bits = (unsigned char) text[i] * 65536u;

        bits += i + 1 < size ? (unsigned char) text[i + 1] * 256u : 0;
        bits += i + 2 < size ? (unsigned char) text[i + 2] : 0;
        *out++ = digits[bits >> 18];
        *out++ = digits[bits >> 12 & 63];
        *out++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
        *out++ = i + 2 < size ? digits[bits & 63] : '=';
    }
    *out = '\0';
}

static bool
make_request(struct load *load, int argc, char **argv)
{
    bool gets = argc == 4 && strcmp(argv[0], "get") == 0;
    const char *name = gets ? "GetInstance" : "EnumerateInstances";
    char login[512] = "";
    char object[1024];
    char body[4096];
    int size;

    if (!gets && (argc != 2 || strcmp(argv[0], "enumerate") != 0)) {
        return false;
    }
    if (gets) {
        snprintf(object, sizeof object,
                 "<IPARAMVALUE NAME=\"InstanceName\"><INSTANCENAME "
                 "CLASSNAME=\"%s\"><KEYBINDING NAME=\"%s\"><KEYVALUE>%s"
                 "</KEYVALUE></KEYBINDING></INSTANCENAME></IPARAMVALUE>",
                 argv[1], argv[2], argv[3]);
    } else {
        snprintf(object, sizeof object,
                 "<IPARAMVALUE NAME=\"ClassName\"><CLASSNAME NAME=\"%s\"/>"
                 "</IPARAMVALUE>", argv[1]);
    }
    size = snprintf(body, sizeof body,
                    "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n"
                    "<CIM CIMVERSION=\"2.0\" DTDVERSION=\"2.0\">\n<MESSAGE "
                    "ID=\"1\" PROTOCOLVERSION=\"1.0\"><SIMPLEREQ>"
                    "<IMETHODCALL NAME=\"%s\"><LOCALNAMESPACEPATH>"
                    "<NAMESPACE NAME=\"root\"/><NAMESPACE NAME=\"xvs\"/>"
                    "</LOCALNAMESPACEPATH>%s</IMETHODCALL></SIMPLEREQ>"
                    "</MESSAGE></CIM>", name, object);
    if (load->login) {
        strcpy(login, "Authorization: Basic ");
        put_base64(login + strlen(login), load->login);
        strcat(login, "\r\n");
    }
    load->request = malloc(8192);
    load->size = (size_t) sprintf(
        load->request, "POST /cimom HTTP/1.1\r\nHost: localhost\r\n"
        "Content-Type: application/xml; charset=\"utf-8\"\r\n"
        "CIMOperation: MethodCall\r\nCIMMethod: %s\r\n"
        "CIMObject: root%%2Fxvs\r\n%sContent-Length: %d\r\n\r\n%s", name,
        login, size, body);
    return true;
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;

    return x < y ? -1 : x > y;
}

static uint64_t
count(const char *text, const char *what)
{
    uint64_t n = 0;

    for (; (text = strstr(text, what)) != NULL; text++) {
        n++;
    }
    return n;
}

static int
report(const struct load *load, struct client *clients, double elapsed,
       double cpu)
{
    size_t n_samples = 0;
    uint64_t n = 0, n_failed = 0;
    uint64_t n_objects = count(clients[0].answer, "<INSTANCE ");
    double *all = malloc(load->n_connections * sizeof(double) * SAMPLES);

    for (unsigned int i = 0; i < load->n_connections; i++) {
        n += clients[i].n;
        n_failed += clients[i].n_failed;
        memcpy(all + n_samples, clients[i].samples,
               clients[i].n_samples * sizeof *all);
        n_samples += clients[i].n_samples;
    }
    qsort(all, n_samples, sizeof *all, compare);
    if (!n || !n_samples) {
        fprintf(stderr, "bench-cim: no request succeeded: %.300s\n",
                clients[0].answer);
        return 1;
    }
    printf("%.0f requests/s, %zu bytes each, p1 %.3f ms, p50 %.3f ms, "
           "p99 %.3f ms, %lu failed", (double) n / elapsed,
           clients[0].answer_size, all[n_samples / 100] * 1e3,
           all[n_samples / 2] * 1e3, all[n_samples * 99 / 100] * 1e3,
           (unsigned long) n_failed);
    if (load->pid) {
        printf(", server CPU %.1f us per request", cpu / (double) n * 1e6);
        if (n_objects > 1) {
            printf(", %.2f us per object",
                   cpu / (double) n / (double) n_objects * 1e6);
        }
    }
    putchar('\n');
    free(all);
    return n_failed != 0;
}

static int
drive(struct load *load)
{
    struct client *clients = calloc(load->n_connections, sizeof *clients);
    double cpu = load->pid ? cpu_of(load->pid) : 0;
    double start = now();
    int status;

    load->end = start + load->seconds;
    for (unsigned int i = 0; i < load->n_connections; i++) {
        clients[i].load = load;
        clients[i].capacity = 1 << 20;
        clients[i].answer = calloc(1, clients[i].capacity);
        clients[i].samples = malloc(SAMPLES * sizeof(double));
        pthread_create(&clients[i].thread, NULL, run, &clients[i]);
    }
    for (unsigned int i = 0; i < load->n_connections; i++) {
        pthread_join(clients[i].thread, NULL);
    }
    cpu = load->pid ? cpu_of(load->pid) - cpu : 0;
    status = report(load, clients, now() - start, cpu);
    for (unsigned int i = 0; i < load->n_connections; i++) {
        free(clients[i].answer);
        free(clients[i].samples);
    }
    free(clients);
    return status;
}

int
main(int argc, char **argv)
{
    struct load load = { .n_connections = 1, .seconds = 2 };
    int option, status;

    while ((option = getopt(argc, argv, "u:t:a:c:s:p:")) != -1) {
        switch (option) {
        case 'u':
            load.unix_path = optarg;
            break;
        case 't':
            load.port = (unsigned int) atoi(optarg);
            break;
        case 'a':
            load.login = optarg;
            break;
        case 'c':
            load.n_connections = (unsigned int) atoi(optarg);
            break;
        case 's':
            load.seconds = atof(optarg);
            break;
        case 'p':
            load.pid = atoi(optarg);
            break;
        default:
            return 2;
        }
    }
    if (!make_request(&load, argc - optind, argv + optind)
        || (!load.unix_path && !load.port) || !load.n_connections) {
        fprintf(stderr, "usage: bench-cim [-u SOCKET | -t PORT -a "
                "USER:PASSWORD] [-c CONNECTIONS] [-s SECONDS] [-p PID] "
                "get CLASS KEY VALUE | enumerate CLASS\n");
        return 2;
    }
    status = drive(&load);
    free(load.request);
    return status;
}
