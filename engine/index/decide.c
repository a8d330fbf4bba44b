#include "decide.h"

#include <inttypes.h>

#define CONFLICT AUK_CONFLICT, "version_conflict_engine_exception"

static auk_code check_sequence(const auk_operation *operation, const auk_located *old,
                               auk_error *err)
{
    if (old->entry == NULL)
        return auk_fail_type(err, CONFLICT,
                             "[%.*s]: version conflict, required seqNo [%" PRId64
                             "], primary term [%" PRId64 "]. but no document was found",
                             AUK_SPAN_ARG(operation->id), operation->if_seq_no,
                             operation->if_primary_term);
    if (old->seq_no == operation->if_seq_no && old->primary_term == operation->if_primary_term)
        return AUK_OK;
    return auk_fail_type(err, CONFLICT,
                         "[%.*s]: version conflict, required seqNo [%" PRId64
                         "], primary term [%" PRId64 "]. current document has seqNo [%" PRId64
                         "] and primary term [%" PRId64 "]",
                         AUK_SPAN_ARG(operation->id), operation->if_seq_no,
                         operation->if_primary_term, old->seq_no, old->primary_term);
}

static auk_code check_external(const auk_operation *operation, const auk_located *old,
                               auk_error *err)
{
    bool known = old->entry != NULL || old->is_deleted;
    bool gte = operation->version_type == AUK_VERSION_EXTERNAL_GTE;
    if (!known || operation->version > old->version || (gte && operation->version == old->version))
        return AUK_OK;
    return auk_fail_type(err, CONFLICT,
                         "[%.*s]: version conflict, current version [%" PRId64
                         "] is higher %sthe one provided "
                         "[%" PRId64 "]",
                         AUK_SPAN_ARG(operation->id), old->version, gte ? "than " : "or equal to ",
                         operation->version);
}

static auk_code check_carried(const auk_operation *operation, const auk_located *old,
                              auk_error *err)
{
    if (!operation->only_unknown || (old->entry == NULL && !old->is_deleted))
        return AUK_OK;
    return auk_fail_type(err, CONFLICT,
                         "[%.*s]: version conflict, document is known (current version [%" PRId64
                         "])",
                         AUK_SPAN_ARG(operation->id), old->version);
}

auk_code auk_decide(const auk_operation *operation, const auk_located *old, int64_t *version,
                    auk_error *err)
{
    bool known = old->entry != NULL || old->is_deleted;
    if (operation->version_type == AUK_VERSION_CARRIED) {
        *version = operation->version;
        return check_carried(operation, old, err);
    }
    if (operation->if_seq_no >= 0) {
        auk_code code = check_sequence(operation, old, err);
        if (code != AUK_OK)
            return code;
    }
    if (operation->kind == AUK_OPERATION_CREATE && old->entry != NULL)
        return auk_fail_type(
            err, CONFLICT,
            "[%.*s]: version conflict, document already exists (current version [%" PRId64 "])",
            AUK_SPAN_ARG(operation->id), old->version);
    if (operation->version_type != AUK_VERSION_INTERNAL) {
        auk_code code = check_external(operation, old, err);
        *version = operation->version;
        return code;
    }
    *version = known ? old->version + 1 : 1;
    return AUK_OK;
}
