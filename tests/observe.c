// SPDX-License-Identifier: MIT
/*
 * A plugin of QEMU's emulator that counts how often a guest of Xen PV enters it.
 *
 *   -plugin observe.so,out=FILE
 *
 * FILE gets a line for each mark that a program in the guest sets ("xchg %bx, %bx"
 * in user mode): hypercalls, system calls and returns from Xen so far. Nothing
 * in the guest knows of it, so any kernel can be observed, and the instructions
 * that -icount counts are the same with it. tests/bench starts it and
 * tests/bench-tables reads what it writes.
 *
 * A hypercall is a SYSCALL instruction in the kernel's half, where Xen itself has
 * none; the returns less both kinds of SYSCALL are exceptions and interrupts.
 *
 * The emulator's own header is in no Debian package: what is used of its plugin
 * interface, version 1, is declared here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

enum { CB_NO_REGS = 0 };	/* what a callback may use of the processor */
enum { INLINE_ADD_U64 = 0 };

typedef void (*on_translate)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*on_execute)(unsigned int cpu, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, on_translate cb);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t i);
extern const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
extern size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, on_execute cb, int flags,
						   void *data);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op, void *counter,
						       uint64_t n);

#define EXPORT	__attribute__((visibility("default")))

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);

int qemu_plugin_version = 1;

/* Xen's own part of the address space, and where the kernel's half begins. */
#define XEN_START	UINT64_C(0xffff800000000000)
#define XEN_END		UINT64_C(0xffff880000000000)

static uint64_t hypercalls, system_calls, returns;
static FILE *out;

static void on_mark(unsigned int cpu, void *data)
{
	(void)cpu, (void)data;
	fprintf(out, "%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", hypercalls, system_calls, returns);
	fflush(out);
}

static int is(const struct qemu_plugin_insn *insn, const char *bytes)
{
	size_t size = qemu_plugin_insn_size(insn);

	return size == strlen(bytes) && !memcmp(qemu_plugin_insn_data(insn), bytes, size);
}

static void count(struct qemu_plugin_insn *insn, uint64_t *counter)
{
	qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD_U64, counter, 1);
}

static void look_at(struct qemu_plugin_insn *insn)
{
	uint64_t va = qemu_plugin_insn_vaddr(insn);

	if (is(insn, "\x0f\x05"))
		count(insn, va < XEN_START ? &system_calls : &hypercalls);
	else if (is(insn, "\x48\xcf") || is(insn, "\x48\x0f\x07"))
		va >= XEN_START && va < XEN_END ? count(insn, &returns) : (void)0;
	else if (is(insn, "\x66\x87\xdb") && va < XEN_START)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_mark, CB_NO_REGS, NULL);
}

static void translate(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++)
		look_at(qemu_plugin_tb_get_insn(tb, i));
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = fopen(argv[i] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
