/* SPDX-License-Identifier: MIT */
/*
 * What every backend for Xen has in common; it gets this folder by BACKEND_PARTS
 * in its backend.h. The files here include the backend's own "xen.h", which
 * includes this and gives them:
 *
 *   HYPERCALL(name, ...)	(hypercall.h)
 *   struct xen_cpu	id (as Xen counts), vi, up, port[NR_EVENTS], lock_port, lock_waits, runstate, stolen_before
 *   xen		cpu[MAX_CPUS] by the guest's number, dom0, stage (STAGE_RUNNING), save_wished
 *   xen_id(cpu)		Xen's number of a CPU that has no struct xen_cpu yet
 *   xen_shared, this_cpu(), irq_save(), irq_restore(), store_port(), store_ring()
 *
 * Read next: event.c.
 */
#ifndef SERVICES_H
#define SERVICES_H

#define __XEN_INTERFACE_VERSION__ 0x00040d00
#include <xen/xen.h>
#include <xen/errno.h>
#include <xen/event_channel.h>
#include <xen/vcpu.h>

#define PAGE_SIZE	4096u
#define PAGE_MASK	(~(u64)4095)
#define NR_EVENTS	(VMI_EVENT_WORK + 1)
#define MASK_WORDS	16		/* of a set of CPUs, at most */

struct xen_cpu;
struct xencons_interface;
struct xenstore_domain_interface;

ALWAYS_INLINE u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a" (lo), "=d" (hi));
	return (u64)hi << 32 | lo;
}

/* event.c: ports are below the number that the shared page has room for, 0 is none. */
/** Binds what one CPU's events come by; CPU 0's, which comes first, masks everything else. Not 0: Xen has no room. */
int event_init(struct xen_cpu *pc);
/** Closes all of a CPU's ports. */
void event_exit(struct xen_cpu *pc);
int event_bind_virq(struct xen_cpu *pc, u32 virq, u32 event);
int event_take(u32 port);
void event_drop(struct xen_cpu *pc);
void event_unmask(u32 port);
void event_raise(u32 port);

/* ipi.c */
s32 vmi_call_CPU_STATE(u32 cpu);
void smp_register_runstate(struct xen_cpu *pc);

/* time.c */
u64 time_tsc_khz(void);
u64 time_now(void);
s32 vmi_call_WALLCLOCK(struct vmi_wallclock *wc);

/* console.c */
void console_set(struct xencons_interface *page, u32 port);
void console_init(struct xen_cpu *pc);
s32 vmi_call_CONSOLE_WRITE(const char *data, u32 bytes);

/* control.c; the backend says where the store is: no port, no store; NULL: there is no such page (yet) */
u32 store_port(void);
struct xenstore_domain_interface *store_ring(void);
void control_init(struct xen_cpu *pc);
void control_resume(struct xen_cpu *pc);
void control_exit(void);

/** report.c: what Xen refused, on the console, some times. */
void xen_report(const char *what, long error, u64 a, u64 b);

#endif
