/*
 * rest.h - the Elasticsearch REST API over a catalog: takes exchanges from the HTTP server, answers
 * them.
 *
 * Routes are rows of tables, one table an API family (server/rest/routes_*.c). The handler finds
 * the row, checks parameters and media types, and hands the call to the row's pool, where the row's
 * function runs and answers.
 *
 *   Lifetime  _create .. _destroy, between those of the catalog and after the HTTP server is gone.
 *   Threads   auk_rest_handle on event loops; routes run on the pools.
 *   Memory    calls live in their exchange's arena.
 *   Errors    answered to the client in Elasticsearch's shape; none come back to the caller.
 */
#ifndef AUK_REST_H
#define AUK_REST_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/budget.h"
#include "auk/catalog.h"
#include "auk/http_exchange.h"
#include "auk/http_server.h"
#include "auk/pool.h"
#include "auk/rebuild.h"
#include "auk/sync.h"

typedef struct auk_rest auk_rest;

typedef struct auk_rest_options {
    auk_catalog *catalog;
    auk_rebuilds *rebuilds; /* NULL: none can be begun */
    auk_syncs *syncs;       /* NULL: nothing can be followed */
    auk_budget *budget;
    auk_pool *search_pool, *write_pool, *manage_pool;
    auk_pool *background_pool; /* to be shown; NULL: none */
    auk_pool *merge_pool;      /* likewise */
    const char *node_name;
    const char *reindex_remote_whitelist;            /* "host:port, ..", '*' in parts; NULL: none */
    const char *compat_version;                      /* shown as version.number; NULL: 8.19.0 */
    const char *host;                                /* of the publish address */
    const auk_http_server *(*server)(void *context); /* for its statistics; may answer NULL */
    void *server_context;
} auk_rest_options;

auk_rest *auk_rest_create(const auk_rest_options *options);
void auk_rest_destroy(auk_rest *rest);

void auk_rest_set_port(auk_rest *rest, uint16_t port); /* once it is known */
/* Readiness as /_health/ready tells it; false at first. */
void auk_rest_set_ready(auk_rest *rest, bool ready);

/* The auk_http_handler; context is the auk_rest. */
void auk_rest_handle(auk_http_exchange *exchange, void *context);

/* One line of the slow or access log is the caller's business: called after each answer, may be
 * NULL. */
typedef void (*auk_rest_observer)(const auk_http_request *request, int status, uint64_t took_us);
void auk_rest_set_observer(auk_rest *rest, auk_rest_observer observer);

#endif
