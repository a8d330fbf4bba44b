#include "lexicon_words.h"

#include <cstring>
#include <string>

#include <unicode/bytestrie.h>
#include <unicode/localpointer.h>
#include <unicode/ucharstrie.h>
#include <unicode/udata.h>
#include <unicode/unistr.h>
#include <unicode/ures.h>

// A dictionary in ICU's data: a head of eight numbers and a trie. Its units are UTF-16, or bytes
// that stand for a character each: an offset is added, and the two highest are joiners.
namespace
{

constexpr char package[] = U_ICUDATA_NAME "-brkitr";
constexpr uint8_t known_format[4] = {'D', 'i', 'c', 't'};
constexpr int32_t kind_mask = 7, bytes_kind = 0, units_kind = 1;
constexpr int32_t offset_transform = 0x1000000, transform_mask = 0x7f000000, offset_mask = 0x1fffff;
constexpr uint8_t joiner = 0xff, non_joiner = 0xfe;

struct head {
    int32_t trie_offset, unused[2], size, kind, transform, more[2];
};

// Where a table of the script's names says that something lies, or an empty name.
std::string entry(const UResourceBundle *root, const char *table, const char *script)
{
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUResourceBundlePointer entries(ures_getByKey(root, table, nullptr, &status));
    int32_t size = 0;
    const UChar *text = ures_getStringByKey(entries.getAlias(), script, &size, &status);
    std::string name;
    for (int32_t i = 0; U_SUCCESS(status) && i < size; i++)
        name.push_back(static_cast<char>(text[i]));
    return name;
}

std::string without_extension(const std::string &file)
{
    return file.substr(0, file.find('.'));
}

// ICU's table may name a model that its data was built without.
bool has_model(const UResourceBundle *root, const char *script)
{
    std::string name = without_extension(entry(root, "lstm", script));
    if (name.empty())
        return false;
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUResourceBundlePointer model(ures_openDirect(package, name.c_str(), &status));
    return U_SUCCESS(status);
}

// "thaidict", or nothing.
std::string dictionary_name(const char *script)
{
    UErrorCode status = U_ZERO_ERROR;
    icu::LocalUResourceBundlePointer root(ures_open(package, "", &status));
    if (U_FAILURE(status) || has_model(root.getAlias(), script))
        return {};
    return without_extension(entry(root.getAlias(), "dictionaries", script));
}

bool each_of_units(const head *dictionary, auk_lexicon_word word, void *context)
{
    UErrorCode status = U_ZERO_ERROR;
    auto trie = reinterpret_cast<const char16_t *>(reinterpret_cast<const char *>(dictionary) +
                                                   dictionary->trie_offset);
    icu::UCharsTrie::Iterator words(trie, 0, status);
    while (words.next(status)) {
        const icu::UnicodeString &text = words.getString();
        word(context, reinterpret_cast<const uint16_t *>(text.getBuffer()),
             static_cast<size_t>(text.length()), words.getValue());
    }
    return U_SUCCESS(status);
}

uint16_t character_of(uint8_t byte, int32_t transform)
{
    if (byte == joiner || byte == non_joiner)
        return byte == joiner ? 0x200d : 0x200c;
    return static_cast<uint16_t>((transform & offset_mask) + byte);
}

bool each_of_bytes(const head *dictionary, auk_lexicon_word word, void *context)
{
    if ((dictionary->transform & transform_mask) != offset_transform)
        return false;
    UErrorCode status = U_ZERO_ERROR;
    std::u16string units;
    icu::BytesTrie::Iterator words(reinterpret_cast<const char *>(dictionary) +
                                       dictionary->trie_offset,
                                   0, status);
    while (words.next(status)) {
        units.clear();
        icu::StringPiece bytes = words.getString();
        for (int32_t i = 0; i < bytes.size(); i++)
            units.push_back(
                character_of(static_cast<uint8_t>(bytes.data()[i]), dictionary->transform));
        word(context, reinterpret_cast<const uint16_t *>(units.data()), units.size(),
             words.getValue());
    }
    return U_SUCCESS(status);
}

} // namespace

extern "C" bool auk_lexicon_each_word(const char *script, auk_lexicon_word word, void *context)
{
    UErrorCode status = U_ZERO_ERROR;
    std::string name = dictionary_name(script);
    if (name.empty())
        return false;
    icu::LocalUDataMemoryPointer data(udata_open(package, "dict", name.c_str(), &status));
    if (U_FAILURE(status))
        return false;
    UDataInfo info = {};
    info.size = sizeof info;
    udata_getInfo(data.getAlias(), &info);
    if (memcmp(info.dataFormat, known_format, sizeof known_format) != 0 ||
        info.formatVersion[0] != 1)
        return false;
    auto dictionary = static_cast<const head *>(udata_getMemory(data.getAlias()));
    int32_t kind = dictionary->kind & kind_mask;
    if (kind == units_kind)
        return each_of_units(dictionary, word, context);
    return kind == bytes_kind && each_of_bytes(dictionary, word, context);
}
