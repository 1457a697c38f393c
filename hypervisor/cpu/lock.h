/* SPDX-License-Identifier: MIT */
/*
 * The one lock. Whoever runs vmihv's code holds it; it is given up only while a
 * guest runs and while a processor idles, so all that vmihv keeps is its holder's.
 * Those who wait get it in the order in which they came: no guest keeps it from
 * others by many exits. Interrupt handlers do not take it and touch only their own processor.
 */
#ifndef HV_LOCK_H
#define HV_LOCK_H

#include "cpu/cpu.h"

extern struct lock {
	u32 next, served;
} the_lock;

static inline void hv_lock(void)
{
	u32 mine = __atomic_fetch_add(&the_lock.next, 1, __ATOMIC_RELAXED);

	while (__atomic_load_n(&the_lock.served, __ATOMIC_ACQUIRE) != mine)
		pause();
}

static inline void hv_unlock(void)
{
	__atomic_store_n(&the_lock.served, the_lock.served + 1, __ATOMIC_RELEASE);
}

#endif
