/* SPDX-License-Identifier: MIT */
/* What guest.c gives to the tests, and what it asks of them. Read next: guest.c. */
#ifndef GUEST_H
#define GUEST_H

#include <stddef.h>
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

extern void *vmi_ptr[VMI_NR_CALLS];	/* CALL forms by number, NULL: there is none */
extern const char *no_rom;		/* why there is none, or NULL */
extern const struct vmi_rom_place rom;
extern struct vmi_init init;
extern struct vmi_boot *boot;		/* NULL on bare hardware */
extern const char *cmdline;
extern uint64_t root[1024], gdt[512];
extern uint32_t event_vector;		/* where events arrive, on hardware */
extern char image[], image_end[];
extern const uint32_t build_id[];	/* the ELF note */

/** The function behind a call; only where vmi_ptr has one. */
#define CALL(name, result, ...) ((result (*)(__VA_ARGS__))vmi_ptr[VMI_CALL_##name])

/** The VALUE convention: in and out by RAX. */
static inline uint64_t call_value(uint32_t nr, uint64_t value)
{
	if (vmi_ptr[nr])
		__asm__ volatile("call *%1" : "+a" (value) : "m" (vmi_ptr[nr]) : "cc", "memory");
	return value;
}

int cmdline_has(const char *word);
/** Behind the first place where it has this, or NULL. */
const char *cmdline_find(const char *word);
void print(const char *text);
void print_bytes(const char *text, uint32_t bytes);
void leave(const char *failure) __attribute__((noreturn));	/* NULL: pass */
void leave_by_port(const char *failure) __attribute__((noreturn));	/* says nothing */

/* What a guest defines: what it does, exceptions (1: go on at f->rip), events. */
void guest_main(void);
int guest_trap(struct frame *f);
void guest_event(uint32_t event);

#endif
