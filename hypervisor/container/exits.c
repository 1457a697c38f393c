// SPDX-License-Identifier: MIT
/* What each exit means, the same for every container. */
#include "container/container.h"
#include "cpu/cpu.h"
#include "hypercall/hypercall.h"
#include "pv/pv.h"

#define MSR_TSC		0x10
#define PORT_NOTHING	0xffffffffu

static const struct container *const known[] = { &svm };
const struct container *container;

void container_init(void)
{
	struct why why = { "" };

	for (u32 i = 0; i < ARRAY_SIZE(known) && !container; i++)
		if (known[i]->present())
			container = known[i];
	if (container && container->cpu_init(this_cpu(), &why)) {
		print("vmihv: no container: %s\n", why.text);
		container = NULL;
	}
}

const struct container *container_of(u32 features)
{
	return features & VMI_FEAT_HW_CONTAINER ? container : &pv;
}

static void halt(struct vcpu *v, const struct vcpu_exit *exit)
{
	v->domain->container->skip(v, exit->next);
	if (!(v->regs.rflags & RFLAGS_IF))
		sched_stop(v, "it halts with interrupts off");
	v->in_wait = false;
	if (v->state == VCPU_READY && !v->raised && !v->nmi)
		v->state = VCPU_WAITING;
}

/* Nothing is behind any port: reads give all ones. */
static void port(struct vcpu *v, const struct vcpu_exit *exit)
{
	if (exit->in && exit->bytes == 4)
		v->regs.rax = PORT_NOTHING;
	else if (exit->in)
		v->regs.rax |= (1ul << 8 * exit->bytes) - 1;
	v->domain->container->skip(v, exit->next);
}

static void msr_read(struct vcpu *v, const struct vcpu_exit *exit)
{
	u32 msr = v->regs.rcx;
	u64 value = rdtsc();

	if (msr != MSR_TSC && v->domain->container->msr_read(v, msr, &value)) {
		v->domain->container->inject(v, VECTOR_GP);
		return;
	}
	v->regs.rax = (u32)value;
	v->regs.rdx = value >> 32;
	v->domain->container->skip(v, exit->next);
}

static void msr_write(struct vcpu *v, const struct vcpu_exit *exit)
{
	if (v->domain->container->msr_write(v, v->regs.rcx, (u32)v->regs.rax | v->regs.rdx << 32))
		v->domain->container->inject(v, VECTOR_GP);
	else
		v->domain->container->skip(v, exit->next);
}

/* From user mode it is an instruction that does not exist. */
static void call(struct vcpu *v, const struct vcpu_exit *exit)
{
	if (!v->domain->container->in_kernel(v)) {
		v->domain->container->inject(v, VECTOR_UD);
		return;
	}
	v->domain->container->skip(v, exit->next);
	hypercall(v);
}

static void handle(struct vcpu *v, const struct vcpu_exit *exit)
{
	switch (exit->kind) {
	case EXIT_NOTHING:
		return;
	case EXIT_HYPERCALL:
		return call(v, exit);
	case EXIT_HALT:
		return halt(v, exit);
	case EXIT_CPUID:
		guest_cpuid(v);
		return v->domain->container->skip(v, exit->next);
	case EXIT_PORT:
		return port(v, exit);
	case EXIT_MSR_READ:
		return msr_read(v, exit);
	case EXIT_MSR_WRITE:
		return msr_write(v, exit);
	case EXIT_SKIP:
		return v->domain->container->skip(v, exit->next);
	case EXIT_FORBIDDEN:
		return v->domain->container->inject(v, VECTOR_UD);
	case EXIT_MEMORY:
		return domain_crash(v, "it reaches for guest-physical %lx, where nothing is", exit->address);
	case EXIT_TRIPLE_FAULT:
		return domain_crash(v, "triple fault");
	case EXIT_BROKEN:
		return domain_crash(v, "the processor gives it up with code %lx", exit->address);
	}
}

void container_step(struct vcpu *v)
{
	struct vcpu_exit exit = { EXIT_NOTHING };

	v->domain->container->run(v, &exit);
	v->exits++;
	handle(v, &exit);
}
