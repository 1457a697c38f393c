/* SPDX-License-Identifier: MIT */
/*
 * Start of a new backend: copy this folder, give it a name and a number of its
 * own, say what its host offers (VMI_FEAT_*), and answer calls by defining
 * their symbols (shim.h). `make` finds the folder by its place.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		0
#define BACKEND_VERSION		1
#define BACKEND_NAME		"template"
#define BACKEND_FLAGS		0
#define BACKEND_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_PAGING_ASSIST)
#define BACKEND_PERCPU		8

/** One CPU's block; BACKEND_PERCPU is its size. */
struct percpu {
	u64 halts;
};

VMI_ASSERT_SIZE(struct percpu, BACKEND_PERCPU);

#endif
