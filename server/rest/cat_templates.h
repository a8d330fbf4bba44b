/* cat_templates.h - the tables of templates, for routes_cat.c. */
#ifndef AUK_REST_CAT_TEMPLATES_H
#define AUK_REST_CAT_TEMPLATES_H

#include "admin.h"

AUK_MUST_CHECK auk_code auk_cat_templates(auk_call *call, auk_error *err);
AUK_MUST_CHECK auk_code auk_cat_components(auk_call *call, auk_error *err);

#endif
