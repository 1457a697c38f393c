/* SPDX-License-Identifier: MIT */
/* What hosts have in common. Read next: hosts.c. */
#ifndef VMI_HOSTS_H
#define VMI_HOSTS_H

#include "run.h"

#define XEN_PROCESSORS	2	/* of the machine, at most: Xen shares them out */
#define XEN_OWN_MEMORY	640	/* MiB beside its domains' */

/** The emulator with one serial console, the exit port and nothing else; memory in MiB. */
void host_emulator(struct run *run, const char *cpu, unsigned int memory);
/** As many for the machine as the guest has, up to most; one where QEMU counts instructions, which hangs with more. */
void host_processors(struct run *run, unsigned int most);
void host_option(struct run *run, const char *name, const char *value);
/** The guest's; the caller frees it. */
char *host_command_line(const struct run *run);
/** For a Multiboot module list, where a comma is doubled; the caller frees it. */
char *host_doubled(const char *text);
/** The path of Xen's ELF file, unpacked, which the caller frees; NULL: there is none. */
char *host_xen(struct run *run);
/** Makes run->kernel a bundle with the ROM, if there is one. */
int host_bundle(struct run *run);

/** Where the cache has it; the caller frees it. */
char *host_cache(const char *what);

/** Whether a BIOS boots the file itself. */
bool host_is_multiboot(const struct blob *kernel);
/** The kernel's bzImage, which the caller frees; NULL: there is none. */
char *host_bzimage(const struct run *run);

/** A kernel that can be entered by PVH: a refusal where it cannot. */
int host_check_pvh(struct run *run);
/** A copy to boot so: QEMU would try Multiboot first, and in the copy there is no such header. */
struct blob host_without_multiboot(const struct blob *kernel);

/* kvm.c */
int kvm(struct run *run);
int kvm_ready(const struct host *host, struct why *why);

/* uefi.c */
int native_uefi(struct run *run);
int uefi_ready(const struct host *host, struct why *why);

/* xen.c */
int xen_pv_dom0(struct run *run);
int xen_pvh_dom0(struct run *run);
int xen_ready(const struct host *host, struct why *why);

/* vmihv.c */
int vmihv(struct run *run);
int vmihv_ready(const struct host *host, struct why *why);

/* domu.c */
int xen_pv_domu(struct run *run);
int xen_pvh_domu(struct run *run);
int xen_pvshim(struct run *run);
int xen_hvm(struct run *run);
int xen_domu_ready(const struct host *host, struct why *why);
int xen_hvm_ready(const struct host *host, struct why *why);

#endif
