// SPDX-License-Identifier: MIT
/* Prints JSON as tables with libsmartcols. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libsmartcols.h>

#include "table.h"
#include "vmi.h"

static char *scalar(const json_t *value)
{
	switch (json_typeof(value)) {
	case JSON_STRING:
		return xprintf("%s", json_string_value(value));
	case JSON_INTEGER:
		return xprintf("%lld", (long long)json_integer_value(value));
	case JSON_REAL:
		return xprintf("%.3f", json_real_value(value));
	case JSON_TRUE:
		return xprintf("yes");
	case JSON_FALSE:
		return xprintf("no");
	default:
		return xprintf("-");
	}
}

/* An array of texts in one cell. */
static char *joined(const json_t *array)
{
	char *all = xprintf("%s", json_array_size(array) ? "" : "-");
	size_t i;
	json_t *v;

	json_array_foreach(array, i, v) {
		char *one = scalar(v), *more = xprintf("%s%s%s", all, i ? " " : "", one);

		free(one);
		free(all);
		all = more;
	}
	return all;
}

static void set_cell(struct libscols_line *line, size_t column, const json_t *value)
{
	char *text = !value ? xprintf("-") : json_is_array(value) ? joined(value) : scalar(value);

	scols_line_refer_data(line, column, text);
}

static bool is_number(json_t *array, const char *key)
{
	return json_is_number(json_object_get(json_array_get(array, 0), key));
}

static void print_and_free(struct libscols_table *table)
{
	scols_print_table(table);
	fputc('\n', stdout);
	scols_unref_table(table);
}

void table_print_rows(json_t *array, const char *const *columns)
{
	struct libscols_table *table = scols_new_table();
	const char *keys[32];
	size_t count = 0, i, k;
	json_t *row, *value;
	const char *key;

	if (columns)
		for (; columns[count] && count < 32; count++)
			keys[count] = columns[count];
	else
		json_object_foreach(json_array_get(array, 0), key, value)
			if (count < 32)
				keys[count++] = key;
	for (k = 0; k < count; k++)
		scols_table_new_column(table, keys[k], 0, is_number(array, keys[k]) ? SCOLS_FL_RIGHT : 0);
	json_array_foreach(array, i, row) {
		struct libscols_line *line = scols_table_new_line(table, NULL);

		for (k = 0; k < count; k++)
			set_cell(line, k, json_object_get(row, keys[k]));
	}
	print_and_free(table);
}

static bool is_rows(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

static void print_scalars(json_t *object)
{
	struct libscols_table *table = scols_new_table();
	const char *key;
	json_t *value;

	scols_table_enable_noheadings(table, 1);
	scols_table_new_column(table, "field", 0, 0);
	scols_table_new_column(table, "value", 0, 0);
	json_object_foreach(object, key, value) {
		struct libscols_line *line;

		if (json_is_object(value) || is_rows(value))
			continue;
		line = scols_table_new_line(table, NULL);
		scols_line_set_data(line, 0, key);
		set_cell(line, 1, value);
	}
	print_and_free(table);
}

void table_print_object(const char *title, json_t *object)
{
	const char *key;
	json_t *value;

	if (title)
		printf("%s\n", title);
	print_scalars(object);
	json_object_foreach(object, key, value) {
		if (json_is_object(value)) {
			table_print_object(key, value);
		} else if (is_rows(value)) {
			printf("%s\n", key);
			table_print_rows(value, NULL);
		}
	}
}
