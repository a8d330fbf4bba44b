/* Documents of a step with what clients wrote to their local fields (locals.h). All of it within
 * the lock that the clients' updates take too. */
#include "applier_private.h"

static bool has_locals(const auk_applier *applier, const auk_item *item)
{
    return applier->options.locals && item->tree->spec->local_field_count > 0 && !item->refused &&
           !item->is_clean;
}

static auk_code lay(auk_applier *applier, auk_step *step, auk_item *item, auk_error *err)
{
    const auk_sync_document *spec = item->tree->spec;
    auk_code code = auk_locals_get(applier->options.locals, spec->index, item->id, step->arena,
                                   &item->local, err);
    if (code != AUK_OK || item->local.json.size == 0)
        return code;
    return auk_local_lay(&item->local, spec, item->source, step->arena,
                         &step->writes[item->write].source, err);
}

auk_code auk_step_lay_locals(auk_applier *applier, auk_step *step, auk_error *err)
{
    auk_code code = AUK_OK;
    for (auk_item *item = step->items; item && code == AUK_OK; item = item->next)
        if (has_locals(applier, item) && item->source.data)
            code = lay(applier, step, item, err);
    return code;
}

/* Those of deleted documents go, unless the step writes one of that id again. */
void auk_step_describe_locals(auk_applier *applier, const auk_step *step, auk_batch *batch)
{
    bool any = false;
    for (const auk_item *item = step->items; item; item = item->next)
        if (has_locals(applier, item) && !item->source.data) {
            auk_locals_delete(applier->options.locals, item->tree->spec->index, item->id, batch);
            any = true;
        }
    for (auk_item *item = step->items; item; item = item->next) {
        if (!has_locals(applier, item) || item->local.json.size == 0)
            continue;
        bool moved = !auk_span_equal(item->local.routing, item->routing);
        item->local.routing = item->routing;
        if (any || moved)
            auk_locals_put(applier->options.locals, item->tree->spec->index, item->id, &item->local,
                           batch);
    }
}
