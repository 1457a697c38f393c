/* SPDX-License-Identifier: MIT */
/* What the files of SVM share; nobody else includes it. */
#ifndef HV_SVM_H
#define HV_SVM_H

#include "container/container.h"
#include "container/vmcb.h"

#define EFER_WRITABLE	0xd01ul		/* SCE, LME, LMA (kept), NXE */
#define EFER_LMA	0x400ul

static inline struct vmcb *svm_block(const struct vcpu *v) { return v->control; }

/* svm.asm */
void svm_enter(u64 block_pa, struct registers *regs, u64 host_pa);

/* svm_exit.c */
void svm_exit(struct vcpu *v, struct vcpu_exit *exit);
void svm_skip(struct vcpu *v, u64 next);
void svm_inject(struct vcpu *v, u8 vector);
bool svm_in_kernel(const struct vcpu *v);
int svm_msr_read(struct vcpu *v, u32 msr, u64 *value);
int svm_msr_write(struct vcpu *v, u32 msr, u64 value);
/* svm_state.c */
void svm_save(const struct vcpu *v, struct saved_vcpu *s);
void svm_restore(struct vcpu *v, const struct saved_vcpu *s);

void svm_dump(const struct vcpu *v);

#endif
