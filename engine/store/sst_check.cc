/*
 * sst_check.cc - reads every block of one of RocksDB's files and compares its checksum.
 *
 * RocksDB's C API has no reader of a single file; its classes are C++.
 */
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <string>

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/status.h>
#include <rocksdb/table_properties.h>

#include "sst_check.h"

namespace
{

void set_message(char message[SST_MESSAGE_SIZE], const char *text)
{
    (void)snprintf(message, SST_MESSAGE_SIZE, "%s", text);
}

/* The footer's rest behind its two handles is in no checksum. */
bool is_padding_zero(const char *path)
{
    constexpr size_t footer_size = 53;
    unsigned char footer[footer_size];
    FILE *file = fopen(path, "rbe");
    if (file == nullptr)
        return false;
    bool read = fseek(file, -static_cast<long>(footer_size), SEEK_END) == 0 &&
                fread(footer, 1, footer_size, file) == footer_size;
    (void)fclose(file);
    size_t at = 1; /* checksum's type */
    for (int varints = 0; read && varints < 4 && at < 41; at++)
        varints += footer[at] < 0x80;
    for (; read && at < 41; at++)
        read = footer[at] == 0;
    return read;
}

rocksdb::Status check(const char *path, char family[SST_FAMILY_SIZE])
{
    rocksdb::Options options;
    options.paranoid_checks = true;
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(path);
    if (!status.ok())
        return status;
    auto properties = reader.GetTableProperties();
    if (properties != nullptr)
        (void)snprintf(family, SST_FAMILY_SIZE, "%s", properties->column_family_name.c_str());
    return reader.VerifyChecksum(rocksdb::ReadOptions());
}

void visit_pair(rocksdb::Iterator &at, sst_visit visit, void *context)
{
    visit(context, at.key().data(), at.key().size(), at.value().data(), at.value().size());
}

bool read_pairs(const char *path, sst_visit visit, void *context)
{
    rocksdb::Options options;
    rocksdb::SstFileReader reader(options);
    if (!reader.Open(path).ok())
        return false;
    rocksdb::ReadOptions reading;
    std::unique_ptr<rocksdb::Iterator> forward(reader.NewIterator(reading));
    std::string last;
    for (forward->SeekToFirst(); forward->Valid(); forward->Next()) {
        visit_pair(*forward, visit, context);
        last = forward->key().ToString();
    }
    if (forward->status().ok())
        return true;
    std::unique_ptr<rocksdb::Iterator> backward(reader.NewIterator(reading));
    for (backward->SeekToLast(); backward->Valid() && backward->key().compare(last) > 0;
         backward->Prev())
        visit_pair(*backward, visit, context);
    return false;
}

} // namespace

bool store_sst_read(const char *path, sst_visit visit, void *context)
{
    try {
        return read_pairs(path, visit, context);
    } catch (const std::exception &) {
        return false;
    }
}

bool store_sst_check(const char *path, char family[SST_FAMILY_SIZE], char message[SST_MESSAGE_SIZE])
{
    family[0] = '\0';
    message[0] = '\0';
    try {
        rocksdb::Status status = check(path, family);
        if (!status.ok())
            set_message(message, status.ToString().c_str());
        else if (!is_padding_zero(path))
            set_message(message, "bytes of the footer that mean nothing are not zero");
        return message[0] == '\0';
    } catch (const std::exception &thrown) {
        set_message(message, thrown.what());
        return false;
    }
}
