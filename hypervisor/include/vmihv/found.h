/* SPDX-License-Identifier: MIT */
/*
 * How a guest finds vmihv, in every version of its ABI: CPUID leaf VMIHV_LEAF has
 * the name in EBX, ECX, EDX, and the next one the ABI's version in EAX, vmihv's
 * own in EBX, the number of vCPUs in ECX, the counter's kHz in EDX; in the one behind
 * it EAX is how many pages of memory there may be, from address 0, and EBX the domain's
 * number, by which others know it. Hypercalls
 * are the instruction VMMCALL, from ring 0 only. Read next: v1.h and v2.h.
 */
#ifndef VMIHV_FOUND_H
#define VMIHV_FOUND_H

#define VMIHV_LEAF		0x40000000u
#define VMIHV_NAME_EBX		0x68696d76u	/* "vmih" */
#define VMIHV_NAME_ECX		0x79742d76u	/* "v-ty" */
#define VMIHV_NAME_EDX		0x312d6570u	/* "pe-1" */
#define VMIHV_LEAF_FACTS	0x40000001u
#define VMIHV_LEAF_MEMORY	0x40000002u
#define VMIHV_VERSION		0x00000001u	/* major << 16 | minor */

#endif
