/* Manifests: written and read back; damage is noticed. */
#include "test.h"

#include "auk/hash.h"
#include "manifest.h"

static void write_manifest(auk_buffer *out)
{
    auk_manifest manifest = {.primary_term = 2,
                             .checkpoint = 99,
                             .max_seq_no = 120,
                             .mapping_version = 4};
    auk_vector_push(&manifest.segments,
                    (auk_manifest_segment){5, 1000, 1 << 20, AUK_SPAN("somewhere")});
    auk_vector_push(&manifest.segments, (auk_manifest_segment){9, 0, 77, AUK_SPAN("else")});
    auk_buffer_init(out, 1 << 20);
    auk_manifest_write(&manifest, out);
    auk_manifest_deinit(&manifest);
}

static auk_code read_manifest(auk_span bytes)
{
    auk_manifest manifest = {0};
    auk_code code = auk_manifest_read(bytes, &manifest, NULL);
    auk_manifest_deinit(&manifest);
    return code;
}

static void a_manifest_comes_back(void **state)
{
    (void)state;
    auk_buffer bytes;
    auk_manifest manifest = {0};
    write_manifest(&bytes);
    assert_int_equal(auk_manifest_read(auk_buffer_span(&bytes), &manifest, NULL), AUK_OK);
    assert_int_equal(manifest.primary_term, 2);
    assert_int_equal(manifest.checkpoint, 99);
    assert_int_equal(manifest.max_seq_no, 120);
    assert_int_equal(manifest.mapping_version, 4);
    assert_int_equal(manifest.segments.count, 2);
    assert_int_equal(manifest.segments.items[0].id, 5);
    assert_int_equal(manifest.segments.items[0].doc_count, 1000);
    assert_true(auk_span_is(manifest.segments.items[1].location, "else"));
    auk_manifest_deinit(&manifest);
    auk_buffer_deinit(&bytes);
}

static void damage_is_noticed(void **state)
{
    (void)state;
    auk_buffer bytes;
    write_manifest(&bytes);
    for (size_t cut = 0; cut < bytes.size; cut++)
        assert_int_equal(read_manifest(auk_span_make(bytes.data, cut)), AUK_CORRUPT);
    for (size_t at = 0; at < bytes.size; at++) {
        bytes.data[at] ^= 0x21;
        assert_int_equal(read_manifest(auk_buffer_span(&bytes)), AUK_CORRUPT);
        uint32_t crc = auk_crc32c(0, auk_span_make(bytes.data, bytes.size - 4));
        uint32_t old;
        memcpy(&old, bytes.data + bytes.size - 4, 4);
        memcpy(bytes.data + bytes.size - 4, &crc, 4);
        auk_code code = read_manifest(auk_buffer_span(&bytes));
        assert_true(code == AUK_OK || code == AUK_CORRUPT);
        memcpy(bytes.data + bytes.size - 4, &old, 4);
        bytes.data[at] ^= 0x21;
    }
    auk_buffer_deinit(&bytes);
}

static void keys_are_told_apart(void **state)
{
    (void)state;
    char manifest[AUK_MANIFEST_KEY_SIZE], live[AUK_LIVE_KEY_SIZE];
    auk_manifest_key(7, manifest);
    auk_live_key(7, 1, live);
    assert_true(auk_manifest_is_key(auk_span_make(manifest, sizeof manifest)));
    assert_false(auk_manifest_is_key(auk_span_make(live, sizeof live)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_comes_back),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(keys_are_told_apart),
    };
    return cmocka_run_group_tests_name("manifest", tests, NULL, NULL);
}
