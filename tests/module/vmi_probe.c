// SPDX-License-Identifier: GPL-2.0
/*
 * A module for the tests: it has sites of its own, says whether any of them
 * still goes through a pointer, uses them, and, when told to by crash=, brings
 * the kernel down in a way that no other program can.
 */
#include <linux/delay.h>
#include <linux/highmem.h>
#include <linux/irq_work.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <asm/paravirt.h>
#include <asm/tlbflush.h>

static char *crash = "";
module_param(crash, charp, 0);

/* Of this object's own rows, the first. */
asm(".pushsection .parainstructions, \"a\"\nvmi_probe_sites:\n.popsection\n");
extern struct paravirt_patch_site vmi_probe_sites[];

/* CALL *disp32(%rip): what the compiler has put there. */
static bool is_indirect(const u8 *insn)
{
	return insn[0] == 0xff && insn[1] == 0x15;
}

static bool is_mine(const struct paravirt_patch_site *site)
{
	return within_module_core((unsigned long)site->instr, THIS_MODULE) ||
	       within_module_init((unsigned long)site->instr, THIS_MODULE);
}

static void count_sites(void)
{
	const struct paravirt_patch_site *site;
	unsigned int sites = 0, indirect = 0, calls = 0;

	for (site = vmi_probe_sites; is_mine(site); site++) {
		sites++;
		indirect += is_indirect(site->instr);
		calls += site->instr[0] == 0xe8;
	}
	pr_info("vmi_probe: sites %u, indirect %u, direct calls %u\n", sites, indirect, calls);
}

/* Masked, unmasked and masked again: the flag says each time what it is. */
static bool flag_works(void)
{
	unsigned long flags;
	bool good;

	local_irq_save(flags);
	good = irqs_disabled();
	local_irq_enable();
	good &= !irqs_disabled();
	local_irq_disable();
	good &= irqs_disabled();
	local_irq_restore(flags);
	return good && !irqs_disabled();
}

/* An entry made here leads to the page that it was made for. */
static bool entries_work(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	bool good;
	pte_t pte;

	if (!page)
		return false;
	pte = mk_pte(page, PAGE_KERNEL);
	good = pte_page(pte) == page && pte_pfn(__pte(pte_val(pte))) == page_to_pfn(page);
	__free_page(page);
	return good;
}

static bool work_done;

static void do_work(struct irq_work *work)
{
	WRITE_ONCE(work_done, true);
}

/* The next tick is as far away as it can be. */
static void wait_for_tick(void)
{
	unsigned long now = jiffies;

	while (READ_ONCE(jiffies) == now)
		cpu_relax();
}

/* Deferred work is done as soon as interrupts are on: a CPU interrupts itself, and waits for no tick. */
static bool work_works(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(do_work);
	bool good;

	wait_for_tick();
	local_irq_disable();
	irq_work_queue(&work);
	good = !READ_ONCE(work_done);
	local_irq_enable();
	udelay(100);
	good &= READ_ONCE(work_done);
	irq_work_sync(&work);
	return good;
}

/* Deeper than any stack. */
static noinline int overflow(int depth)
{
	volatile char room[512];

	room[depth & 511] = depth;
	if (depth > 1 << 20)
		return 0;
	return overflow(depth + 1) + room[0];
}

static void do_crash(void)
{
	if (!strcmp(crash, "overflow"))
		overflow(0);
	else if (!strcmp(crash, "panic"))
		panic("vmi_probe: told to");
}

static int __init vmi_probe_init(void)
{
	count_sites();
	pr_info("vmi_probe: flag %d, entries %d, work %d\n", flag_works(), entries_work(), work_works());
	do_crash();
	return 0;
}

static void __exit vmi_probe_exit(void)
{
}

module_init(vmi_probe_init);
module_exit(vmi_probe_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Test of VMI's sites in modules");
