#include "auk/log.h"

#include <stdio.h>
#include <unistd.h>

#define EXIT_INTERNAL 70 /* EX_SOFTWARE of sysexits.h */

static auk_log_hook current_hook;

void auk_log_set_hook(auk_log_hook hook)
{
    current_hook = hook;
}

void auk_log(auk_log_level level, const char *message, const char *fields_format, ...)
{
    if (current_hook == NULL)
        return;
    char fields[1024];
    va_list arguments;
    va_start(arguments, fields_format);
    int wanted = vsnprintf(fields, sizeof fields, fields_format, arguments);
    va_end(arguments);
    current_hook(level, message, wanted < 0 ? "" : fields);
}

void auk_fatal(const char *format, ...)
{
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        message[0] = '\0';
    if (current_hook != NULL)
        current_hook(AUK_LOG_ERROR, message, "fatal=true");
    else /* a process must not end without a word */
        (void)dprintf(STDERR_FILENO, "auk: fatal: %s\n", message);
    _exit(EXIT_INTERNAL);
}
