/*
 * The driver of a fuzz target where libFuzzer is not: feeds it each file of the folders named, and
 * each beginning of it, from memory of exactly that size, so that the sanitizer sees every byte
 * read too many.
 *
 *   fuzz_json tests/fuzz/corpus/json
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Beginnings of longer files are sampled. */
#define BEGINNINGS 512u

static void feed(const uint8_t *data, size_t size)
{
    uint8_t *exact = malloc(size ? size : 1);
    if (!exact)
        abort();
    memcpy(exact, data, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void replay_file(const char *path)
{
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    size_t size = fread(data, 1, sizeof data, file);
    fclose(file);
    size_t step = size / BEGINNINGS + 1;
    for (size_t end = 0; end < size; end += step)
        feed(data, end);
    feed(data, size);
}

static unsigned replay_folder(const char *folder)
{
    unsigned files = 0;
    DIR *open = opendir(folder);
    if (!open) {
        perror(folder);
        exit(1);
    }
    for (const struct dirent *entry; (entry = readdir(open)) != NULL;) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        replay_file(path);
        files++;
    }
    closedir(open);
    return files;
}

int main(int argc, char **argv)
{
    unsigned files = 0;
    for (int i = 1; i < argc; i++)
        files += replay_folder(argv[i]);
    printf("%u files\n", files);
    return files == 0; /* a corpus that is not found is no success */
}
