/* SPDX-License-Identifier: MIT */
/*
 * Calls as the instructions they stand for: what is true of every guest that the
 * processor runs in ring 0, on bare hardware or in a container. A backend gets
 * this folder by BACKEND_PARTS in its backend.h. Read next: cpu.c.
 */
#ifndef SHIM_CONTAINER_H
#define SHIM_CONTAINER_H

/* The CALL form behind a NATIVE answer. */
#define NATIVE(name, result, ...)		\
	VMI_NATIVE(name);			\
	result vmi_call_##name(__VA_ARGS__);	\
	result vmi_call_##name(__VA_ARGS__)

#endif
