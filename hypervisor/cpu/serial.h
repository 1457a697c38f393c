/* SPDX-License-Identifier: MIT */
/* The first serial port, by polling. */
#ifndef HV_SERIAL_H
#define HV_SERIAL_H

#include "hv.h"

void serial_init(void);
/** A newline is sent as carriage return and newline. */
void serial_write(const char *text, size_t bytes);
/** The next byte that was typed, or -1. */
int serial_read(void);

#endif
