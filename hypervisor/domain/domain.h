/* SPDX-License-Identifier: MIT */
/*
 * Domains and their vCPUs. All room for them is here from the start: a guest's
 * wish never makes vmihv allocate. Read next: build.c (creation), sched.c (running).
 */
#ifndef HV_DOMAIN_H
#define HV_DOMAIN_H

#include "boot/boot.h"
#include "config/config.h"
#include "memory/guest.h"
#include "vmi/call.h"

#define FIRST_OWNER	2		/* of a domain's frames: this + its slot */
#define LINE_BYTES	200
#define INPUT_BYTES	64

/** General registers as a guest sees them. The container's assembly knows the order up to r15. */
struct registers {
	u64 rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15;
	u64 rax, rsp, rip, rflags;
	u64 cs, ss, code;		/* without a container: pv/enter.asm knows all of it */
};

enum vcpu_state { VCPU_DOWN, VCPU_READY, VCPU_WAITING };

/** What happened, in vmihv's own numbers; each ABI has its own. */
enum event { EVENT_TIMER, EVENT_CONSOLE, EVENT_CONTROL, EVENT_RESCHEDULE, EVENT_CALL, EVENT_WORK, EVENTS };

struct vcpu {
	struct domain *domain;
	u32 number;
	enum vcpu_state state;
	struct cpu *home;		/* where it is loaded, or was last; its timer is that one's care */
	bool loaded;
	struct registers regs;
	void *event_page, *clock_page;	/* the guest's, shared; NULL: none yet */
	u8 *flags;			/* the same; its interrupt flag, where that is not the processor's */
	u8 vector;			/* of its event interrupt */
	bool raised;			/* the interrupt has yet to be taken */
	bool nmi;			/* an NMI has yet to be taken */
	bool kicked;			/* its next wait is over before it begins */
	bool in_wait;			/* waits for a kick, or has */
	u64 timer;			/* ns, 0: none */
	u64 used;			/* ns of processor time */
	u64 share;			/* as used, but a sleeper does not save up: the least runs next */
	u64 ready_since;		/* ns, while it could run and does not */
	u64 stolen;			/* ns of that, so far */
	u64 exits;
	/* the container's own */
	void *control;			/* its control block: one frame */
	u32 asid;
	u64 asid_generation;
	u64 debug[4];
	bool in_nmi;			/* until the IRET at in_nmi_until, if not 0, is behind it */
	u64 in_nmi_until;
	u8 fpu[512] __attribute__((aligned(16)));
};

struct abi;
struct pv_domain;
struct container;

/** What the administrator wants of a domain and it has not been told yet; 0: nothing. */
struct wishes {
	u64 frames;			/* that it should keep */
	u8 end;				/* enum ending + 1 */
	bool save;			/* it should get ready and suspend itself */
};

/** A segment register. attributes: type and flags as in a descriptor, the limit's four bits left out. */
struct segment_state {
	u16 selector, attributes;
	u32 limit;
	u64 base;
};

/** A vCPU that stands still, in no container's format. */
struct saved_vcpu {
	struct registers regs;
	struct segment_state es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u64 cr0, cr2, cr3, cr4, efer, pat, debug[4], dr6, dr7;
	u64 star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip;
	u8 fpu[512];
};

#define OFFERS	16u

/** A page that a domain lets another one have beside itself. */
struct offer {
	u32 to;				/* number of that domain; 0: none */
	bool taken;
	u64 page, taken_at;		/* guest-physical, here and there */
};

struct domain {
	bool alive;
	bool paused;
	bool suspending, suspended;	/* suspend.c */
	u8 ending;			/* enum ending, of one that has ended */
	bool again;			/* is made anew when it has ended */
	u32 number;			/* its slot + 1: what people call it */
	u32 features;			/* VMI_FEAT_*, never changed */
	const struct domain_config *config;
	const struct abi *abi;
	const struct container *container;	/* how it runs */
	struct guest_memory memory;
	u64 nested_root;		/* container: physical address of the nested tables */
	struct pv_domain *pv;		/* without one: a frame */
	u64 frames_limit;		/* so many it may have: what is configured, or the administrator's last wish */
	struct wishes wishes;
	bool save_wished;
	struct saved_vcpu *saved;	/* of one that is suspended: a frame */
	struct offer offers[OFFERS];
	u64 refused_calls;
	u32 loaded;			/* how many of its vCPUs are on processors */
	struct vcpu vcpus[MAX_VCPUS];
	char line[LINE_BYTES];		/* console.c: what is not yet a whole line */
	u32 line_bytes;
	char input[INPUT_BYTES];
	u32 input_in, input_out;
};

extern struct domain domains[MAX_DOMAINS];

/** Why a domain ended. */
enum ending { ENDING_OFF, ENDING_REBOOT, ENDING_CRASH, ENDING_DESTROYED };

/* build.c */
/** All that may be created; both stay. */
void domains_init(const struct config *config, const struct boot_info *boot);
/** Creates the domain of this line of the configuration, and says so or why not. */
int domain_create(u32 index);
void domain_destroy(struct domain *d);
/** Takes it out of the running; domain_bury() follows when the last of its vCPUs is off its processor. */
void domain_end(struct domain *d, enum ending why);
/** Gives back what an ended domain had, when it is off the processor; makes it anew where that is wanted. */
void domain_bury(struct domain *d);
/** The guest did what it must not: says so with its registers, and ends it. */
void domain_crash(struct vcpu *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* events.c */
void event_send(struct vcpu *v, enum event event);
/** An NMI, which needs no page and no flag. */
void nmi_send(struct vcpu *v);
/** Writes the clock into the page that the guest shares. */
void clock_share(struct vcpu *v);
/** Tells it how long it could have run and did not. */
void stolen_share(struct vcpu *v);
/** Tells its neighbours that it could run and does not. */
void preempted_share(struct vcpu *v, bool preempted);

/* sharing.c */
/** Whether the page must stay: it is offered. */
bool sharing_has(const struct domain *d, u64 page);
/** Whether it has a page in common with any other. */
bool sharing_any(const struct domain *d);
/** Of a domain that ends: its pages that others have are theirs; what it has of others is given back. */
void sharing_end(struct domain *d);

/* suspend.c */
/** When the last of its vCPUs is off its processor. */
void suspend_finish(struct domain *d);
/** -1: it is not suspended, or there is no memory. */
int suspend_resume(struct domain *d, struct why *why);

/* wishes.c */
void wish_save(struct domain *d);
void wish_frames(struct domain *d, u64 frames);
void wish_end(struct domain *d, enum ending how);
/** Tells the guest that there are some, if it can be told. */
void wishes_tell(struct domain *d);

/* console.c */
/** Who gets what is typed. */
extern struct domain *console_focus;
void console_init(bool plain);
void console_write(struct domain *d, const char *text, u32 bytes);
/** How many of the typed bytes there were. */
u32 console_read(struct domain *d, char *text, u32 bytes);
/** Takes what was typed and tells the domain that has the focus. */
void console_poll(void);
void console_flush(struct domain *d);

/* monitor.c */
/** A byte that was typed while the monitor has the console; false: it has not, the byte is somebody else's. */
bool monitor_key(char c);
bool monitor_is_open(void);

/* sched.c */
/** Ends a domain from outside; it is on no processor any more afterwards, but may be there anew. */
void sched_end(struct domain *d, enum ending why);
/** It is on no processor until unpaused. */
void sched_pause(struct domain *d);
void sched_unpause(struct domain *d);
/**
 * None of these vCPUs (bit n for vCPU n) is in the guest until the lock is given up, and what their processors
 * remember of its memory is forgotten.
 */
void sched_quiesce(struct domain *d, u64 set);
/** Of these, those that are up and on no processor. */
u64 sched_absent(const struct domain *d, u64 set);
#define ALL_VCPUS	(~0ul)
/** Brings those of its vCPUs back that run on other processors. */
void sched_recall(const struct domain *d);
/** Runs domains: on the first processor until none is left, on others for ever. */
void sched_run(void);
/** One that was down goes on from its registers; a waiting one is woken, a running one looks again, and one that is down stays so. */
void sched_start(struct vcpu *v);
void sched_wake(struct vcpu *v);
/** It runs no more until it is started; when it was the last one, its domain is killed for this reason. */
void sched_stop(struct vcpu *v, const char *last);
/** The current vCPU has had its turn. */
void sched_yield(void);

#endif
