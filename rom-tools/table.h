/* SPDX-License-Identifier: MIT */
/* JSON values as tables for people: one source for both outputs. */
#ifndef VMI_TABLE_H
#define VMI_TABLE_H

#include <jansson.h>

/** An object's scalars as two columns, then each array of objects and each object under its name. */
void table_print_object(const char *title, json_t *object);
/** Objects as rows; the columns are the first one's keys, or those listed (NULL-terminated). */
void table_print_rows(json_t *array, const char *const *columns);

#endif
