// SPDX-License-Identifier: MIT
/* A vCPU's state between the control block and nobody's format. */
#include "container/svm.h"
#include "cpu/cpu.h"

/** Those that have the same name and kind on both sides. */
#define EACH_SEGMENT(X) X(es) X(cs) X(ss) X(ds) X(fs) X(gs) X(gdtr) X(ldtr) X(idtr) X(tr)
#define EACH_REGISTER(X) X(cr0) X(cr2) X(cr3) X(cr4) X(pat) X(dr6) X(dr7) X(star) X(lstar) X(cstar) X(sfmask) \
	X(kernel_gs_base) X(sysenter_cs) X(sysenter_esp) X(sysenter_eip)

void svm_save(const struct vcpu *v, struct saved_vcpu *s)
{
	const struct vmcb *b = v->control;

#define SAVE_SEGMENT(name)	\
	s->name = (struct segment_state){ b->name.selector, b->name.attributes, b->name.limit, b->name.base };
#define SAVE_REGISTER(name)	s->name = b->name;
	EACH_SEGMENT(SAVE_SEGMENT)
	EACH_REGISTER(SAVE_REGISTER)
	s->efer = b->efer & ~EFER_SVME;
	s->regs = v->regs;
	memcpy(s->debug, v->debug, sizeof(s->debug));
	memcpy(s->fpu, v->fpu, sizeof(s->fpu));
}

/* It stands at an instruction of ring 0, with nothing to be delivered. */
void svm_restore(struct vcpu *v, const struct saved_vcpu *s)
{
	struct vmcb *b = v->control;

#define RESTORE_SEGMENT(name)	\
	b->name = (struct vmcb_segment){ s->name.selector, s->name.attributes, s->name.limit, s->name.base };
#define RESTORE_REGISTER(name)	b->name = s->name;
	EACH_SEGMENT(RESTORE_SEGMENT)
	EACH_REGISTER(RESTORE_REGISTER)
	b->efer = s->efer | EFER_SVME;
	v->regs = s->regs;
	v->in_nmi = false;
	v->asid_generation = 0;
	memcpy(v->debug, s->debug, sizeof(v->debug));
	memcpy(v->fpu, s->fpu, sizeof(v->fpu));
}
