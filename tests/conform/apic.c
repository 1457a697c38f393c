// SPDX-License-Identifier: MIT
/* Interrupts of a local APIC that the guest keeps: only a host in between answers these calls. Read next: smp.c. */
#include "conform.h"

#define MSR_APIC_BASE	0x1b
#define X2APIC		0xc00u		/* enabled, in the form that has MSRs */
#define APIC_EOI	0x80b
#define APIC_SPURIOUS	0x80f
#define APIC_ICR	0x830
#define ICR_SELF	0x40000u
#define ROUNDS		100

static volatile uint32_t arrived, host_did;

void (*on_vector)(void);

static void write_msr(uint32_t nr, uint64_t value)
{
	__asm__ volatile("wrmsr" :: "c" (nr), "a" ((uint32_t)value), "d" ((uint32_t)(value >> 32)) : "memory");
}

static uint64_t read_msr(uint32_t nr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (nr));
	return (uint64_t)high << 32 | low;
}

static void at_vector(void)
{
	arrived++;
	if (CALL(IRQ_EOI, uint32_t, void)())
		host_did++;
	else
		write_msr(APIC_EOI, 0);
}

static void begin(void)
{
	irq_off();
	write_msr(MSR_APIC_BASE, read_msr(MSR_APIC_BASE) | X2APIC);
	write_msr(APIC_SPURIOUS, 0x1ff);
	arrived = host_did = 0;
	on_vector = at_vector;
}

/* One that is pending is delivered behind the instruction that follows STI. */
static void take_one(void)
{
	irq_on();
	__asm__ volatile("nop; nop");
	irq_off();
}

/* An interrupt whose end nobody noted would let no other one through. */
const char *test_IRQ_EOI(void)
{
	begin();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		write_msr(APIC_ICR, ICR_SELF | VMI_ENTRY_EVENT);
		take_one();
	}
	EXPECT(!CALL(IRQ_EOI, uint32_t, void)(), "an interrupt ends that there is not");
	on_vector = NULL;
	EXPECT(arrived == ROUNDS, "interrupts are lost behind it");
	EXPECT(host_did, "the host never does it");
	return NULL;
}

static int send(uint64_t low, uint64_t high, uint32_t vector)
{
	uint64_t set[2] = { low, high };

	return CALL(SEND_VECTOR, int, const uint64_t *, uint32_t, uint32_t)(set, 128, vector);
}

static const char *refuses(void)
{
	static const uint32_t vectors[] = { 0, 1, 3, 15, 256, ~0u };

	for (uint32_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		EXPECT(send(1, 0, vectors[i]) == VMI_E_INVAL, "what is no vector is sent");
	EXPECT(send(3, 0, VMI_ENTRY_EVENT) == VMI_E_STATE, "a CPU that is not ready is interrupted");
	EXPECT(send(0, 1ul << 63, VMI_ENTRY_EVENT) == VMI_E_STATE, "a CPU that is not there is interrupted");
	EXPECT(!send(0, 0, VMI_ENTRY_EVENT), "an empty set is an error");
	return NULL;
}

const char *test_SEND_VECTOR(void)
{
	uint32_t before = ipi_events[VMI_EVENT_NMI];
	const char *why;

	begin();
	why = refuses();
	take_one();
	EXPECT(why || !arrived, "what is refused is sent all the same");
	for (uint32_t i = 0; i < ROUNDS && !why; i++) {
		EXPECT(!send(1, 0, VMI_ENTRY_EVENT), "it fails");
		take_one();
		EXPECT(arrived == i + 1, "what one sends oneself does not arrive once");
	}
	on_vector = NULL;
	EXPECT(why || !send(1, 0, VMI_ENTRY_NMI), "no NMI is sent");
	EXPECT(why || ipi_events[VMI_EVENT_NMI] == before + 1, "an NMI does not arrive once");
	return why;
}
