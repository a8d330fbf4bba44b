#include "sst_writer.h"

#include <cstring>
#include <exception>

#include <rocksdb/options.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/status.h>

struct sst_writer {
    rocksdb::SstFileWriter file;
};

namespace
{

/* A file's way to the disk begins while it is written: the sync at its end is short, and the
 * journal's syncs do not wait for it. */
constexpr uint64_t begin_sync_bytes = 1 << 20;

rocksdb::EnvOptions file_options()
{
    rocksdb::EnvOptions options;
    options.bytes_per_sync = begin_sync_bytes;
    return options;
}

rocksdb::Slice slice(const void *data, size_t size)
{
    return {static_cast<const char *>(data), size};
}

template <typename step> void run(char **message, step &&take)
{
    try {
        rocksdb::Status status = take();
        if (!status.ok())
            *message = strdup(status.ToString().c_str());
    } catch (const std::exception &thrown) {
        *message = strdup(thrown.what());
    }
}

} // namespace

sst_writer *sst_writer_open(const rocksdb_options_t *family, const char *path, char **message)
{
    // The C API's struct has the options as its first and only member.
    const auto &options = *reinterpret_cast<const rocksdb::Options *>(family);
    auto *writer = new sst_writer{{file_options(), options, nullptr, false}};
    run(message, [&] { return writer->file.Open(path); });
    return writer;
}

void sst_writer_put(sst_writer *writer, const void *key, size_t key_size, const void *value,
                    size_t value_size, char **message)
{
    run(message, [&] { return writer->file.Put(slice(key, key_size), slice(value, value_size)); });
}

void sst_writer_finish(sst_writer *writer, char **message)
{
    run(message, [&] { return writer->file.Finish(); });
}

void sst_writer_close(sst_writer *writer)
{
    delete writer;
}
