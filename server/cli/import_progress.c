#include "import_progress.h"

#include <unistd.h>

#include "command.h"

#define DRAW_US   100000u
#define LINE_US   5000000u
#define BAR_CELLS 24u

void auk_import_progress_init(auk_import_progress *progress, FILE *out)
{
    *progress = (auk_import_progress){.out = out, .is_terminal = isatty(fileno(out))};
}

void auk_append_count(auk_buffer *out, uint64_t count)
{
    char digits[24];
    int size = snprintf(digits, sizeof digits, "%llu", (unsigned long long)count);
    for (int i = 0; i < size; i++) {
        if (i > 0 && (size - i) % 3 == 0)
            auk_buffer_append_byte(out, ',');
        auk_buffer_append_byte(out, digits[i]);
    }
}

double auk_import_fraction(const auk_import_figures *figures)
{
    if (figures->file_bytes == 0 || figures->consumed_bytes == 0)
        return -1;
    /* What is settled of what was read, of what was read of the file. */
    double read = (double)figures->consumed_bytes / (double)figures->file_bytes;
    double settled =
        figures->read_bytes ? (double)figures->taken_bytes / (double)figures->read_bytes : 0;
    double fraction = read * settled;
    return fraction < 1 ? fraction : 1;
}

static void append_left(auk_buffer *out, const auk_import_figures *figures)
{
    double fraction = auk_import_fraction(figures);
    if (fraction <= 0.01 || fraction >= 1)
        return;
    double seconds = (double)figures->elapsed_us / 1e6 * (1 - fraction) / fraction;
    if (seconds < 90)
        auk_buffer_printf(out, ", %.0f s left", seconds < 1 ? 1 : seconds);
    else if (seconds < 5400)
        auk_buffer_printf(out, ", %.0f min left", seconds / 60);
    else
        auk_buffer_printf(out, ", %.1f h left", seconds / 3600);
}

void auk_import_append_figures(auk_buffer *out, const auk_import_figures *figures)
{
    double seconds = figures->elapsed_us ? (double)figures->elapsed_us / 1e6 : 1e-6;
    double fraction = auk_import_fraction(figures);
    if (fraction >= 0)
        auk_buffer_printf(out, "%.0f %%, ", fraction * 100);
    auk_buffer_printf(out, "%.1f MB, ", (double)figures->taken_bytes / 1e6);
    auk_append_count(out, figures->documents);
    auk_buffer_append_text(out, " documents, ");
    auk_append_count(out, (uint64_t)((double)figures->documents / seconds));
    auk_buffer_printf(out, "/s, %.1f MB/s", (double)figures->taken_bytes / 1e6 / seconds);
    if (figures->rejected > 0) {
        auk_buffer_append_text(out, ", ");
        auk_append_count(out, figures->rejected);
        auk_buffer_append_text(out, " rejected");
    }
    append_left(out, figures);
}

static void append_bar(auk_buffer *out, double fraction)
{
    if (fraction < 0)
        return;
    unsigned filled = (unsigned)(fraction * BAR_CELLS);
    auk_buffer_append_byte(out, '[');
    for (unsigned i = 0; i < BAR_CELLS; i++)
        auk_buffer_append_byte(out, i < filled ? '=' : i == filled ? '>' : ' ');
    auk_buffer_append_text(out, "] ");
}

void auk_import_progress_draw(auk_import_progress *progress, const auk_import_figures *figures)
{
    uint64_t every_us = progress->is_terminal ? DRAW_US : LINE_US;
    if (figures->elapsed_us < progress->drawn_us + every_us)
        return;
    progress->drawn_us = figures->elapsed_us;
    auk_buffer line;
    auk_buffer_init(&line, 1024);
    if (progress->is_terminal)
        append_bar(&line, auk_import_fraction(figures));
    auk_import_append_figures(&line, figures);
    if (progress->is_terminal) {
        unsigned width = auk_terminal_width(progress->out, 80);
        if (line.size >= width) /* a line that wraps could not be taken back */
            line.size = width - 1;
        (void)fprintf(progress->out, "\r%.*s\x1b[K", AUK_SPAN_ARG(auk_buffer_span(&line)));
    } else {
        (void)fprintf(progress->out, "%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&line)));
    }
    (void)fflush(progress->out);
    auk_buffer_deinit(&line);
}

void auk_import_progress_clear(auk_import_progress *progress)
{
    if (!progress->is_terminal || progress->drawn_us == 0)
        return;
    (void)fputs("\r\x1b[K", progress->out);
    (void)fflush(progress->out);
}
