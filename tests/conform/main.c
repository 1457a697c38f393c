// SPDX-License-Identifier: MIT
/*
 * The conformance guest: one test for each call of calls.def, run on whatever
 * ROM it gets, TAP on the console, verdict at the end. A call that the host
 * answers NATIVE with no entry is tested to be exactly that.
 */
#include "conform.h"

int deprivileged;
volatile uint32_t timer_events, ipi_events[VMI_EVENT_NMI + 1];
volatile uint64_t exceptions, fault_address;
uint64_t resume;
uint32_t unwinding, unwound;

static unsigned int done, failed;
static char scratch[4096] __attribute__((aligned(4096)));

static const struct test {
	const char *name;
	const char *(*run)(void);
	enum vmi_convention convention;
} tests[VMI_NR_CALLS] = {
#define VMI_CALL(nr, name, group, since, conv, proto, hook, text) \
	[nr] = { #name, test_##name, VMI_CONV_##conv },
#include <vmi/calls.def>
#undef VMI_CALL
};

static void number(uint64_t value, unsigned int base)
{
	char text[24], *p = text + sizeof(text) - 1;

	*p = 0;
	do
		*--p = "0123456789abcdef"[value % base];
	while (value /= base);
	print(p);
}

static void show(const struct frame *f)
{
	print("# exception ");
	number(f->nr, 10);
	print(" code ");
	number(f->code, 16);
	print(" at ");
	number(f->rip, 16);
	print(" address ");
	number(fault_address, 16);
	print("\n");
}

/* Out of the ROM by its own unwind table: as if its function had returned. */
static int unwind(struct frame *f)
{
	const struct vmi_rom_unwind *row;

	for (unwound = 0; (row = vmi_rom_unwind(&rom, f->rip)); unwound++) {
		uint64_t cfa = (row->base ? f->rbp : f->rsp) + row->cfa;

		if (row->kind || !row->cfa)
			return 0;
		f->rip = ((uint64_t *)cfa)[-1];
		f->rsp = cfa;
	}
	return 1;
}

int guest_trap(struct frame *f)
{
	exceptions++;
	if ((f->cs & 3) == 3) {
		user_trap(f);
		return 1;
	}
	if (f->cs != 0x08 || f->ss & ~0x10ul || !(f->rflags & 2))
		leave("an exception's frame is not the hardware's");
	if (f->nr == VMI_ENTRY_PF)
		fault_address = CALL(READ_CR2, uint64_t, void)();
	if (f->nr == VMI_ENTRY_EVENT && on_vector) {
		on_vector();
		return 1;
	}
	if (f->nr == VMI_ENTRY_EVENT) {		/* bare hardware: the timer chip */
		__asm__ volatile("outb %0, $0x20" :: "a" ((uint8_t)0x20));
		timer_events++;
		return 1;
	}
	if (f->nr == VMI_ENTRY_NMI) {
		ipi_events[VMI_EVENT_NMI]++;
		return 1;
	}
	if (unwinding && vmi_rom_unwind(&rom, f->rip))
		return unwind(f);
	if (f->nr != VMI_ENTRY_UD && !resume)
		show(f);
	f->rip = f->nr == VMI_ENTRY_UD ? f->rip + 2 : resume;
	return f->nr == VMI_ENTRY_UD || resume;
}

void guest_event(uint32_t event)
{
	timer_events += event == VMI_EVENT_TIMER;
	ipi_events[event]++;
}

static void say(unsigned int nr, const char *why, const char *comment)
{
	failed += !!why;
	print(why ? "not ok " : "ok ");
	number(++done, 10);
	print(" - ");
	print(tests[nr].name);
	print(comment);
	print("\n");
	if (why) {
		print("# ");
		print(why);
		print("\n");
	}
}

/* FAST and VALUE calls keep all registers but RAX, and want no aligned stack. */
static const char *check_convention(uint32_t nr)
{
	uint64_t changed = 0;

	if (tests[nr].convention != VMI_CONV_FAST && tests[nr].convention != VMI_CONV_VALUE)
		return NULL;
	call_regs(vmi_ptr[nr], (uint64_t)scratch, 0, 0, &changed);
	irq_off();
	return changed ? "a FAST call changes a register" : NULL;
}

/* No entry: the answer is NATIVE or NOP, and so says PROBE. */
static const char *check_absent(uint32_t nr)
{
	uint32_t answer = vmi_rom_answer(&rom, nr);

	EXPECT(answer == VMI_ANSWER_NATIVE || answer == VMI_ANSWER_NOP, "there is no entry behind the answer");
	EXPECT(CALL(PROBE, uint32_t, uint32_t)(nr) == answer, "PROBE says otherwise than the table");
	EXPECT(!deprivileged || answer == VMI_ANSWER_NOP || nr == VMI_CALL_SHUTDOWN,
	       "NATIVE cannot work on a deprivileging host");
	return NULL;
}

static void run(uint32_t nr)
{
	uint32_t answer = vmi_rom_answer(&rom, nr);
	const char *why;

	if (answer != vmi_rom_answer_here(&rom, nr)) {
		say(nr, NULL, " # not here");
		return;
	}
	if (!vmi_rom_entry(&rom, nr, 0)) {
		say(nr, check_absent(nr), answer == VMI_ANSWER_NOP ? " # nop" : " # native");
		return;
	}
	why = tests[nr].run();
	why = why ? why : check_convention(nr);
	say(nr, why, answer == VMI_ANSWER_NATIVE ? " # native, by its call form" :
	    answer == VMI_ANSWER_INLINE ? " # inline" : "");
}

/*
 * The last test: where the console is the host's, nobody hears of the result
 * but the exit port, which a guest with `exit=port' on its command line may use.
 */
static void run_exit(void)
{
	const struct vmi_verdict v = { build_id, rom.text, 0, NULL };

	if (!deprivileged) {
		run(VMI_CALL_EXIT);
		return;
	}
	if (!cmdline_has("exit=port")) {
		say(VMI_CALL_EXIT, NULL, " # SKIP the console ends with it; exit=port is not given");
		return;
	}
	say(VMI_CALL_EXIT, NULL, " # by the exit status that follows");
	vmi_verdict_facts(&v, print_bytes);
	leave_by_port(failed ? "a test failed" : test_EXIT());
}

void guest_main(void)
{
	if (no_rom)
		leave(no_rom);
	deprivileged = !!(init.features & VMI_FEAT_PV_MMU);
	print("TAP version 13\n1..");
	number(VMI_NR_CALLS, 10);
	print("\n");
	for (uint32_t nr = 0; nr < VMI_NR_CALLS; nr++)
		if (nr != VMI_CALL_EXIT)
			run(nr);
	run_exit();
	leave(failed ? "a conformance test failed" : NULL);
}
