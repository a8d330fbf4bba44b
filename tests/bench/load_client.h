/*
 * load_client.h - many keep-alive connections to one server, each with one request on its way.
 *
 * A closed loop: the next request of a connection follows the answer to its last one. After a 429
 * the connection waits for a second, as Retry-After asks.
 *
 *   Lifetime  _run is all of it.   Threads  one a run; runs share nothing.
 *   Memory    16 KiB a connection.   Errors  counted: what is no answer, and lost connections.
 */
#ifndef AUK_LOAD_CLIENT_H
#define AUK_LOAD_CLIENT_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

#define LOAD_BUCKETS 1024u

typedef struct load_report {
    uint64_t answers;
    uint64_t refused;              /* 429 */
    uint64_t errors;               /* other statuses from 400, 404 of a document left out */
    uint64_t lost;                 /* connections that broke or never were */
    uint64_t seconds[600];         /* answers in each second of the run */
    uint64_t counts[LOAD_BUCKETS]; /* latencies, see load_bucket_us */
    uint64_t worst_us;
    int first_error; /* status; 0: none */
} load_report;

/* Writes one request; answers its size, at most capacity. */
typedef size_t (*load_writer)(void *context, char *out, size_t capacity);

typedef struct load_run {
    struct sockaddr_in address;
    unsigned connections;
    double seconds;
    load_writer write;
    void *context;
    load_report report;
} load_run;

void load_client_run(load_run *run);

/* A thirty-second of a power of two each: at most 3 % off. */
unsigned load_bucket(uint64_t us);
uint64_t load_bucket_us(unsigned bucket);

#endif
