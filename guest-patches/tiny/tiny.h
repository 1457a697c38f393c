/* SPDX-License-Identifier: MIT */
/* What the parts of the tiny guest share. Read next: vmi.c. */
#ifndef TINY_H
#define TINY_H

#include <vmi/call.h>
#include <vmi/guest.h>
#include <vmi/loader.h>
#include <vmi/site.h>
#include <vmi/verdict.h>

#define DIRECT_MAP	0xffff888000000000ul
#define IMAGE_OFFSET	0xffffffff80000000ul

/** The stack as start.S leaves it for trap(). */
struct frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t nr, code, rip, cs, rflags, rsp, ss;
};

/** CALL forms by number; 0 where there is none. */
extern void *vmi_ptr[VMI_NR_CALLS];
extern struct vmi_rom_place rom;	/* .text == 0: no ROM */
extern struct vmi_init init;
extern struct vmi_boot *boot;		/* 0 on bare hardware */
extern const char *cmdline;
extern char root[], gdt[], image[], image_end[];
extern uint64_t block[512];		/* this CPU's; GS base points here */

/** The function behind a call, as type; only where vmi_ptr has one. */
#define CALL(name, result, ...) ((result (*)(__VA_ARGS__))vmi_ptr[VMI_CALL_##name])

/** VALUE convention: in and out by RAX. */
static inline uint64_t call_value(uint32_t nr, uint64_t value)
{
	if (vmi_ptr[nr])
		__asm__ volatile("call *%1" : "+a" (value) : "m" (vmi_ptr[nr]) : "cc");
	return value;
}

static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" :: "a" (value), "Nd" (port)); }
static inline uint8_t in8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a" (value) : "Nd" (port));
	return value;
}

/* hw.c: what bare hardware needs, and the console of both. */
void idt_load(const uint64_t *entries);
uint64_t tsc_khz_measured(void);
int cmdline_has(const char *word);
void print(const char *text);
void print_number(uint64_t value, unsigned int base);
/** Prints the verdict (0: pass) and leaves. */
void leave(const char *reason) __attribute__((noreturn));

/* What a guest built on start.S and vmi.c defines. */
void guest_main(void);
/** 1: handled, go on at frame->rip. */
int guest_trap(struct frame *f);
void guest_event(uint32_t event);

#endif
