/* Filters of aliases are queries; what is none is refused when the alias is made, not when it is
 * searched. */
#include "admin.h"
#include "auk/query.h"

static auk_code check_filter(auk_call *call, const auk_json *options, auk_span alias,
                             auk_error *err)
{
    const auk_query *query;
    const auk_json *filter = auk_json_get(options, "filter");
    if (!filter || filter->type != AUK_JSON_OBJECT || filter->count == 0)
        return AUK_OK;
    auk_code code = auk_query_parse(filter, call->arena, &query, err);
    if (code == AUK_OK)
        return AUK_OK;
    if (err)
        err->type = "illegal_argument_exception";
    return auk_wrap(err, code, "failed to parse filter for alias [%.*s]", AUK_SPAN_ARG(alias));
}

auk_code auk_call_check_aliases(auk_call *call, const auk_json *aliases, auk_error *err)
{
    auk_code code = AUK_OK;
    bool named = aliases && aliases->type == AUK_JSON_OBJECT;
    for (const auk_json *one = named ? aliases->child : NULL; one && code == AUK_OK;
         one = one->next)
        code = check_filter(call, one, one->key, err);
    return code;
}

auk_code auk_call_check_actions(auk_call *call, const auk_json *actions, auk_error *err)
{
    auk_code code = AUK_OK;
    for (const auk_json *entry = actions ? actions->child : NULL; entry && code == AUK_OK;
         entry = entry->next) {
        const auk_json *alias = auk_json_get(entry->child, "alias");
        code = check_filter(call, entry->child, alias ? alias->text : AUK_SPAN(""), err);
    }
    return code;
}
