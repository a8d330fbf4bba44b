#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "race.h"

void race_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("auk-race: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

void race_check(auk_code code, const auk_error *err)
{
    if (code != AUK_OK)
        race_fail("%s", err->message);
}

/* Mapped over zeroes, which are the padding: a corpus may be larger than memory. */
auk_span race_read_file(const char *path)
{
    struct stat file;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &file) != 0)
        race_fail("cannot read %s", path);
    size_t size = (size_t)file.st_size;
    char *bytes = mmap(NULL, size + AUK_JSON_PADDING, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (bytes == MAP_FAILED || (size && mmap(bytes, size, PROT_READ | PROT_WRITE,
                                             MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED))
        race_fail("cannot map %s", path);
    (void)madvise(bytes, size, MADV_SEQUENTIAL);
    (void)close(fd);
    return auk_span_make(bytes, size);
}

bool race_next_line(auk_span *text, auk_span *line)
{
    while (auk_span_cut(text, '\n', line))
        if (line->size)
            return true;
    return false;
}

auk_catalog *race_open(const race_options *options, auk_budget *budget, auk_pool *writers,
                       auk_pool *background)
{
    auk_error err = {0};
    auk_catalog *catalog;
    auk_catalog_options open = {.directory = options->directory,
                                .budget = budget,
                                .write_pool = writers,
                                .background = background,
                                .cluster_name = "race"};
    race_check(auk_catalog_open(&open, &catalog, &err), &err);
    return catalog;
}

static const char usage[] =
    "usage: auk-race index CORPUS.ndjson DIR [--threads N] [--segments N] [--mapping FILE]\n"
    "                [--reorder | --no-reorder]\n"
    "       auk-race query DIR QUERIES.jsonl --mode MODE --out FILE.json [--field body] "
    "[--rounds N]\n"
    "       auk-race columns DIR TASKS.jsonl --out FILE.json [--rounds N]\n"
    "MODE: TOP_10, TOP_100, TOP_1000, COUNT or TOP_100_COUNT\n"
    "A line of QUERIES: {\"query\": \"+griffith +observatory\", \"tags\": [\"intersection\"]}\n"
    "A line of TASKS: {\"name\": \"by_day\", \"body\": {\"size\": 0, \"aggs\": {..}}}\n";

static _Noreturn void refuse(void)
{
    fputs(usage, stderr);
    exit(2);
}

static unsigned read_count(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (*text == '\0' || *end != '\0' || value == 0 || value > 1000)
        race_fail("%s is no number from 1 to 1000", text);
    return (unsigned)value;
}

/* False: it is none that stands alone. */
static bool read_switch(const char *name, race_options *options)
{
    if (strcmp(name, "--reorder") == 0)
        options->reorder = RACE_REORDER_ON;
    else if (strcmp(name, "--no-reorder") == 0)
        options->reorder = RACE_REORDER_OFF;
    else
        return false;
    return true;
}

static void read_option(const char *name, const char *value, race_options *options)
{
    if (strcmp(name, "--threads") == 0)
        options->threads = read_count(value);
    else if (strcmp(name, "--segments") == 0)
        options->segments = read_count(value);
    else if (strcmp(name, "--rounds") == 0)
        options->rounds = read_count(value);
    else if (strcmp(name, "--mapping") == 0)
        options->mapping = value;
    else if (strcmp(name, "--mode") == 0)
        options->mode = value;
    else if (strcmp(name, "--field") == 0)
        options->field = value;
    else if (strcmp(name, "--out") == 0)
        options->out = value;
    else
        refuse();
}

int main(int argc, char **argv)
{
    race_options options = {.threads = 1, .rounds = 5, .field = "body"};
    if (argc < 4)
        refuse();
    for (int i = 4; i < argc; i++) {
        if (read_switch(argv[i], &options))
            continue;
        if (i + 1 == argc)
            refuse();
        read_option(argv[i], argv[i + 1], &options);
        i++;
    }
    if (strcmp(argv[1], "index") == 0) {
        options.corpus = argv[2];
        options.directory = argv[3];
        race_index(&options);
    } else if (strcmp(argv[1], "query") == 0 && options.mode && options.out) {
        options.directory = argv[2];
        options.queries = argv[3];
        race_query(&options);
    } else if (strcmp(argv[1], "columns") == 0 && options.out) {
        options.directory = argv[2];
        options.queries = argv[3];
        race_columns(&options);
    } else {
        refuse();
    }
    return 0;
}
