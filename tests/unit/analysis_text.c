#include "analysis_text.h"

#include "auk/buffer.h"

enum { MOST_VALUES = 64 };

static void put_line(auk_settings *settings, auk_arena *arena, const char *prefix, auk_span line)
{
    const char *equals = memchr(line.data, '=', line.size);
    if (!equals)
        return;
    auk_span key = auk_arena_printf(arena, "%s%.*s", prefix, (int)(equals - line.data), line.data);
    auk_span value = auk_span_from(line, (size_t)(equals - line.data) + 1);
    if (value.size < 2 || value.data[0] != '[') {
        auk_settings_put(settings, key, value);
        return;
    }
    auk_span values[MOST_VALUES];
    uint32_t count = 0;
    value = (auk_span){value.data + 1, value.size - 2};
    while (value.size > 0 && count < MOST_VALUES) {
        const char *comma = memchr(value.data, ',', value.size);
        size_t size = comma ? (size_t)(comma - value.data) : value.size;
        values[count++] = (auk_span){value.data, size};
        value = auk_span_from(value, comma ? size + 1 : size);
    }
    auk_settings_put_list(settings, key, values, count);
}

auk_settings *auk_settings_from_text(const char *prefix, const char *lines)
{
    auk_settings *settings = auk_settings_create();
    auk_arena *arena = auk_arena_create(256);
    while (*lines != '\0') {
        size_t size = strcspn(lines, "\n");
        put_line(settings, arena, prefix, (auk_span){lines, size});
        lines += size + (lines[size] == '\n');
    }
    auk_arena_destroy(arena);
    return settings;
}

static const char *type_of(uint8_t type)
{
    static const char *const names[] = {
#define X(name, text) #name,
        AUK_TOKEN_TYPE_MAP(X)
#undef X
    };
    return type < AUK_TOKEN_TYPE_COUNT ? names[type] : "?";
}

static void append(auk_buffer *out, const auk_token *token, bool all)
{
    if (out->size > 0)
        auk_buffer_append_byte(out, ' ');
    auk_buffer_append(out, auk_token_text(token));
    if (!all)
        return;
    auk_buffer_printf(out, ":%u-%u@%u/%s", token->start, token->end, token->position,
                      type_of(token->type));
    if (token->position_length != 1)
        auk_buffer_printf(out, "*%u", token->position_length);
    if (token->flags & AUK_TOKEN_KEYWORD)
        auk_buffer_append_byte(out, '!');
}

static const char *text_of(auk_arena *arena, const auk_tokens *tokens, bool all)
{
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0; i < tokens->count; i++)
        append(&out, &tokens->items[i], all);
    const char *text = auk_arena_copy(arena, auk_buffer_span(&out)).data;
    auk_buffer_deinit(&out);
    return text;
}

const char *auk_tokens_as_words(auk_arena *arena, const auk_tokens *tokens)
{
    return text_of(arena, tokens, false);
}

const char *auk_tokens_as_text(auk_arena *arena, const auk_tokens *tokens)
{
    return text_of(arena, tokens, true);
}
