// SPDX-License-Identifier: MIT
/* A 16550 at its usual place, 115200 bits per second. */
#include "cpu/serial.h"
#include "cpu/cpu.h"

#define COM1		0x3f8
#define DATA		(COM1 + 0)
#define INTERRUPTS	(COM1 + 1)
#define FIFO		(COM1 + 2)
#define LINE		(COM1 + 3)
#define MODEM		(COM1 + 4)
#define STATUS		(COM1 + 5)
#define STATUS_INPUT	0x01
#define STATUS_EMPTY	0x20

void serial_init(void)
{
	out8(INTERRUPTS, 0);
	out8(LINE, 0x80);		/* the divisor's bytes, here 1 */
	out8(DATA, 1);
	out8(INTERRUPTS, 0);
	out8(LINE, 0x03);		/* 8 bits, no parity */
	out8(FIFO, 0xc7);
	out8(MODEM, 0x03);
}

/* A port that never gets empty does not stop the machine. */
static void send(u8 byte)
{
	for (int i = 0; i < 1000000 && !(in8(STATUS) & STATUS_EMPTY); i++)
		pause();
	out8(DATA, byte);
}

void serial_write(const char *text, size_t bytes)
{
	for (; bytes; bytes--, text++) {
		if (*text == '\n')
			send('\r');
		send(*text);
	}
}

int serial_read(void)
{
	return in8(STATUS) & STATUS_INPUT ? in8(DATA) : -1;
}
