/*
 * What clients ask before they trust a server: the identity that Elasticsearch's clients of all
 * majors check (the product header is the HTTP server's), the licence that shippers ask for.
 */
#include "admin.h"
#include "auk/cpu.h"

#define TAGLINE "You Know, for Search"

/* Members that strict decoders insist on; what has no meaning here is all zeros. */
static void write_version(auk_call *call)
{
    auk_json_writer *out = &call->out;
    bool seven = auk_node_version(call).data[0] == '7';
    auk_json_member_object(out, "version");
    auk_json_member_string(out, "number", auk_node_version(call));
    auk_json_member_text(out, "build_flavor", "default");
    auk_json_member_text(out, "build_type", "tar");
    auk_json_member_text(out, "build_hash", "0000000000000000000000000000000000000000");
    auk_json_member_text(out, "build_date", "2025-01-01T00:00:00.000Z");
    auk_json_member_bool(out, "build_snapshot", false);
    auk_json_member_text(out, "lucene_version", seven ? "8.11.3" : "9.12.2");
    auk_json_member_text(out, "minimum_wire_compatibility_version", seven ? "6.8.0" : "7.17.0");
    auk_json_member_text(out, "minimum_index_compatibility_version", seven ? "6.0.0" : "7.0.0");
    auk_json_end_object(out);
}

static auk_code get_root(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_writer *out = &call->out;
    const auk_catalog *catalog = call->rest->options.catalog;
    auk_json_begin_object(out);
    auk_json_member_text(out, "name", call->rest->node_name);
    auk_json_member_string(out, "cluster_name", auk_catalog_cluster_name(catalog));
    auk_json_member_string(out, "cluster_uuid", auk_catalog_cluster_uuid(catalog));
    write_version(call);
    auk_json_member_text(out, "tagline", TAGLINE);
    auk_json_member_object(out, "auk");
    auk_json_member_text(out, "version", AUK_VERSION);
    auk_json_member_text(out, "kernels", auk_cpu_name(auk_cpu_level()));
    auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

static auk_code get_license(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_object(out, "license");
    auk_json_member_text(out, "status", "active");
    auk_json_member_string(out, "uid", auk_catalog_cluster_uuid(call->rest->options.catalog));
    auk_json_member_text(out, "type", "basic");
    auk_json_member_text(out, "issue_date", "2025-01-01T00:00:00.000Z");
    auk_json_member_int(out, "issue_date_in_millis", 1735689600000);
    auk_json_member_int(out, "max_nodes", 1000);
    auk_json_key(out, AUK_SPAN("max_resource_units"));
    auk_json_null(out);
    auk_json_member_string(out, "issued_to", auk_catalog_cluster_name(call->rest->options.catalog));
    auk_json_member_text(out, "issuer", "auk");
    auk_json_member_int(out, "start_date_in_millis", -1);
    auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

static void write_feature(auk_json_writer *out, const char *name, bool is_there)
{
    auk_json_member_object(out, name);
    auk_json_member_bool(out, "available", is_there);
    auk_json_member_bool(out, "enabled", is_there);
    auk_json_end_object(out);
}

static auk_code get_xpack(auk_call *call, auk_error *err)
{
    (void)err;
    static const char *const absent[] = {"data_streams", "graph",  "ilm",      "ml",
                                         "monitoring",   "rollup", "security", "slm",
                                         "transform",    "watcher"};
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_object(out, "build");
    auk_json_member_text(out, "hash", "0000000000000000000000000000000000000000");
    auk_json_member_text(out, "date", "2025-01-01T00:00:00.000Z");
    auk_json_end_object(out);
    auk_json_member_object(out, "license");
    auk_json_member_string(out, "uid", auk_catalog_cluster_uuid(call->rest->options.catalog));
    auk_json_member_text(out, "type", "basic");
    auk_json_member_text(out, "mode", "basic");
    auk_json_member_text(out, "status", "active");
    auk_json_end_object(out);
    auk_json_member_object(out, "features");
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        write_feature(out, absent[i], false);
    auk_json_end_object(out);
    auk_json_member_text(out, "tagline", TAGLINE);
    auk_json_end_object(out);
    return AUK_OK;
}

/* Browsers ask for it by themselves; no error is worth showing. */
static auk_code get_favicon(auk_call *call, auk_error *err)
{
    (void)err;
    call->is_text = true;
    call->status = 404;
    return AUK_OK;
}

static const auk_route rows[] = {
    {AUK_M_GET | AUK_M_HEAD, "/", "", get_root, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR},
    {AUK_M_GET | AUK_M_HEAD, "/_license", "local accept_enterprise", get_license, AUK_ROUTE_INLINE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET | AUK_M_HEAD, "/_xpack", "categories accept_enterprise", get_xpack, AUK_ROUTE_INLINE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET | AUK_M_HEAD, "/favicon.ico", "", get_favicon, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR},
};

const auk_route_table auk_routes_root = {rows, sizeof rows / sizeof rows[0]};
