/*
 * icu_normalizer: the text in one of Unicode's normal forms.
 *
 * What is in the form already stays; the rest is normalized from one place where texts may be cut
 * to the next. Offsets inside of such a piece are Lucene's: units of UTF-16 stand where they stood,
 * and what is longer than it was begins with units that all stand where the piece does.
 */
#include "auk/buffer.h"
#include "auk/error.h"
#include "char_filters.h"
#include "normalizer.h"
#include "scratch.h"
#include "unicode.h"

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    const auk_normalizer *normalizer;
    auk_code code = auk_normalizer_compile(definition, &normalizer, err);
    *state = normalizer;
    return code;
}

/* Where each character of `to`, which `from` at `in` became, came from; `out` is where it stands.
 */
static void map_piece(auk_rewrite *rewrite, auk_span from, size_t in, auk_span to, size_t out)
{
    size_t from_units = auk_unicode_units(from), to_units = auk_unicode_units(to);
    size_t late = to_units > from_units ? to_units - from_units : 0;
    size_t at = 0, units = 0;
    for (size_t i = 0; i < to.size;) {
        uint32_t character;
        size_t bytes = auk_unicode_next(to.data + i, to.data + to.size, &character);
        at = auk_unicode_cut_units(from, units > late ? units - late : 0);
        auk_rewrite_shift(rewrite, (uint32_t)(out + i), (int64_t)(in + at) - (int64_t)(out + i));
        units += character > 0xffff ? 2 : 1;
        i += bytes;
    }
    auk_rewrite_shift(rewrite, (uint32_t)(out + to.size),
                      (int64_t)(in + from.size) - (int64_t)(out + to.size));
}

/* A text on its way: the same place in UTF-8 and in UTF-16. */
struct walk {
    const auk_normalizer *normalizer;
    auk_span text;
    size_t at;
    const auk_utf16 *wide;
    int32_t unit;
};

/* Units from here on that are in the form already. */
static int32_t done_units(const struct walk *walk)
{
    auk_utf16 rest = {walk->wide->units + walk->unit, walk->wide->size - walk->unit, 0};
    return auk_normalizer_done_units(walk->normalizer, &rest);
}

/* Units from here to where the text may be cut, a character at least. */
static int32_t piece_units(const struct walk *walk)
{
    auk_span rest = auk_span_from(walk->text, walk->at);
    int32_t units = 0;
    for (size_t i = 0; i < rest.size;) {
        uint32_t character;
        i += auk_unicode_next(rest.data + i, rest.data + rest.size, &character);
        if (units > 0 && auk_normalizer_has_boundary(walk->normalizer, character))
            break;
        units += character > 0xffff ? 2 : 1;
    }
    return units;
}

/* The bytes of so many units, and over them. */
static auk_span pass(struct walk *walk, int32_t units)
{
    auk_span rest = auk_span_from(walk->text, walk->at);
    rest.size = auk_unicode_cut_units(rest, (size_t)units);
    walk->at += rest.size;
    walk->unit += units;
    return rest;
}

static auk_code append_piece(struct walk *walk, auk_rewrite *rewrite, auk_utf16 *normal,
                             auk_buffer *out, auk_error *err)
{
    int32_t units = piece_units(walk);
    auk_utf16 wide = {walk->wide->units + walk->unit, units, 0};
    auk_code code = auk_normalizer_run(walk->normalizer, &wide, normal, err);
    if (code != AUK_OK)
        return code;
    size_t in = walk->at, at = out->size;
    auk_span piece = pass(walk, units);
    auk_utf16_write(normal, out);
    auk_span became = {out->data + at, out->size - at};
    if (became.size != piece.size || normal->size != units)
        map_piece(rewrite, piece, in, became, at);
    return AUK_OK;
}

static auk_code run(const void *state, auk_rewrite *rewrite, auk_error *err)
{
    auk_utf16 *wide = &rewrite->scratch->wide[0], *normal = &rewrite->scratch->wide[1];
    auk_buffer *out = &rewrite->scratch->text;
    struct walk walk = {.normalizer = state, .text = rewrite->text, .wide = wide};
    auk_utf16_read(wide, walk.text);
    auk_buffer_reset(out);
    while (walk.unit < wide->size) {
        int32_t done = done_units(&walk);
        if (done == wide->size)
            return AUK_OK;
        auk_buffer_append(out, pass(&walk, done));
        if (walk.unit == wide->size)
            break;
        auk_code code = append_piece(&walk, rewrite, normal, out, err);
        if (code != AUK_OK)
            return code;
    }
    if (auk_buffer_status(out) != AUK_OK)
        return auk_fail(err, AUK_TOO_LARGE, "text too long behind char filter [icu_normalizer]");
    rewrite->text = auk_arena_copy(rewrite->arena, auk_buffer_span(out));
    return AUK_OK;
}

static const char *const settings[] = {"name", "mode", "unicode_set_filter", NULL};

const auk_component_type auk_char_filter_icu_normalizer = {
    .name = "icu_normalizer",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .rewrite = run,
};
