#include "auk/finding.h"

#include <stdio.h>

#define MESSAGE_LIMIT 1024

void auk_findings_add(auk_findings *findings, auk_finding_kind kind, const char *where,
                      const char *format, ...)
{
    char message[MESSAGE_LIMIT];
    va_list arguments;
    findings->count[kind]++;
    if (findings->tell == NULL)
        return;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    auk_finding finding = {kind, where, message};
    findings->tell(findings->context, &finding);
}
