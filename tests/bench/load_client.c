#include "load_client.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define INPUT_BYTES  4096u
#define OUTPUT_BYTES 12288u
#define PAUSE_US     1000000u
#define EVENTS       256

typedef struct connection {
    int socket;
    bool writing; /* epoll tells when there is room */
    size_t output_size, output_sent;
    size_t input_size;
    size_t body_left; /* of the answer, still to be skipped */
    bool in_body;
    int status;
    uint64_t started_us;
    uint64_t wake_us;
    struct connection *next; /* of those that pause */
    char input[INPUT_BYTES];
    char output[OUTPUT_BYTES];
} connection;

typedef struct client {
    load_run *run;
    int epoll;
    connection *all;
    connection *pausing, *pausing_last;
    uint64_t started_us;
} client;

static uint64_t now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

unsigned load_bucket(uint64_t us)
{
    if (us < 32)
        return (unsigned)us;
    unsigned power = 63 - (unsigned)__builtin_clzll(us);
    unsigned bucket = (power - 4) * 32 + (unsigned)(us >> (power - 5) & 31);
    return bucket < LOAD_BUCKETS ? bucket : LOAD_BUCKETS - 1;
}

uint64_t load_bucket_us(unsigned bucket)
{
    if (bucket < 32)
        return bucket;
    unsigned power = bucket / 32 + 4;
    return ((uint64_t)32 + bucket % 32) << (power - 5);
}

static void watch(const client *c, connection *one, bool writing, int operation)
{
    struct epoll_event event = {.events = EPOLLIN | (writing ? EPOLLOUT : 0u), .data.ptr = one};
    one->writing = writing;
    (void)epoll_ctl(c->epoll, operation, one->socket, &event);
}

static void lose(client *c, connection *one)
{
    c->run->report.lost++;
    (void)close(one->socket);
    one->socket = -1;
}

static void send_rest(client *c, connection *one)
{
    while (one->output_sent < one->output_size) {
        ssize_t sent = send(one->socket, one->output + one->output_sent,
                            one->output_size - one->output_sent, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR)) {
            if (!one->writing)
                watch(c, one, true, EPOLL_CTL_MOD);
            return;
        }
        if (sent <= 0) {
            lose(c, one);
            return;
        }
        one->output_sent += (size_t)sent;
    }
    if (one->writing)
        watch(c, one, false, EPOLL_CTL_MOD);
}

static void begin(client *c, connection *one)
{
    one->output_size = c->run->write(c->run->context, one->output, OUTPUT_BYTES);
    one->output_sent = 0;
    one->input_size = 0;
    one->in_body = false;
    one->started_us = now_us();
    send_rest(c, one);
}

static void pause_one(client *c, connection *one)
{
    one->wake_us = now_us() + PAUSE_US;
    one->next = NULL;
    if (c->pausing_last)
        c->pausing_last->next = one;
    else
        c->pausing = one;
    c->pausing_last = one;
}

static void wake(client *c, uint64_t now)
{
    while (c->pausing && c->pausing->wake_us <= now) {
        connection *one = c->pausing;
        c->pausing = one->next;
        if (!c->pausing)
            c->pausing_last = NULL;
        if (one->socket >= 0)
            begin(c, one);
    }
}

static void count(client *c, const connection *one, uint64_t now)
{
    load_report *report = &c->run->report;
    uint64_t took = now - one->started_us;
    uint64_t second = (now - c->started_us) / 1000000;
    if (one->status == 429) {
        report->refused++;
        return;
    }
    report->answers++;
    report->counts[load_bucket(took)]++;
    report->worst_us = took > report->worst_us ? took : report->worst_us;
    if (second < sizeof report->seconds / sizeof *report->seconds)
        report->seconds[second]++;
    if (one->status >= 400 && one->status != 404) {
        report->errors++;
        report->first_error = report->first_error ? report->first_error : one->status;
    }
}

static void finish(client *c, connection *one)
{
    count(c, one, now_us());
    if (one->status == 429)
        pause_one(c, one);
    else
        begin(c, one);
}

/* Status and length once the head is whole; false while it is not. */
static bool read_head(connection *one)
{
    one->input[one->input_size] = '\0';
    char *end = strstr(one->input, "\r\n\r\n");
    if (!end || one->input_size < 12)
        return false;
    one->status = (int)strtol(one->input + 9, NULL, 10);
    const char *length = strcasestr(one->input, "\r\ncontent-length:");
    size_t size = length && length < end ? strtoul(length + 17, NULL, 10) : 0;
    size_t there = one->input_size - (size_t)(end + 4 - one->input);
    one->body_left = size > there ? size - there : 0;
    one->in_body = true;
    return true;
}

static void take_input(client *c, connection *one)
{
    static _Thread_local char skipped[65536];
    while (one->socket >= 0) {
        char *at = one->in_body ? skipped : one->input + one->input_size;
        size_t room = one->in_body ? sizeof skipped : INPUT_BYTES - 1 - one->input_size;
        ssize_t got = recv(one->socket, at, room, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got <= 0 || room == 0) {
            lose(c, one);
            return;
        }
        if (one->in_body) {
            one->body_left -= (size_t)got < one->body_left ? (size_t)got : one->body_left;
        } else {
            one->input_size += (size_t)got;
            if (!read_head(one))
                continue;
        }
        if (one->body_left == 0) {
            finish(c, one);
            return;
        }
    }
}

static bool open_one(client *c, connection *one)
{
    int yes = 1;
    one->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const struct sockaddr *address = (const struct sockaddr *)&c->run->address;
    if (one->socket < 0 || connect(one->socket, address, sizeof c->run->address) != 0) {
        perror("connect");
        c->run->report.lost++;
        if (one->socket >= 0)
            (void)close(one->socket);
        one->socket = -1;
        return false;
    }
    (void)setsockopt(one->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    (void)fcntl(one->socket, F_SETFL, O_NONBLOCK);
    watch(c, one, false, EPOLL_CTL_ADD);
    return true;
}

static void turn(client *c)
{
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(c->epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
        connection *one = events[i].data.ptr;
        if (one->socket >= 0 && events[i].events & EPOLLOUT)
            send_rest(c, one);
        if (one->socket >= 0 && events[i].events & ~(uint32_t)EPOLLOUT)
            take_input(c, one);
    }
    wake(c, now_us());
}

void load_client_run(load_run *run)
{
    client c = {.run = run, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    c.all = calloc(run->connections, sizeof *c.all);
    if (!c.all || c.epoll < 0)
        abort();
    for (unsigned i = 0; i < run->connections; i++)
        (void)open_one(&c, &c.all[i]);
    c.started_us = now_us();
    for (unsigned i = 0; i < run->connections; i++)
        if (c.all[i].socket >= 0)
            begin(&c, &c.all[i]);
    uint64_t end_us = c.started_us + (uint64_t)(run->seconds * 1e6);
    while (now_us() < end_us)
        turn(&c);
    for (unsigned i = 0; i < run->connections; i++)
        if (c.all[i].socket >= 0)
            (void)close(c.all[i].socket);
    (void)close(c.epoll);
    free(c.all);
}
