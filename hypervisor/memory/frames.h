/* SPDX-License-Identifier: MIT */
/*
 * Who owns which frame. Bookkeeping is one record for each frame, made at boot
 * and never more: 12 bytes of 4096. Blocks are 2^order frames, aligned to their
 * size; two free halves become one again.
 */
#ifndef HV_FRAMES_H
#define HV_FRAMES_H

#include "boot/boot.h"

#define ORDERS		12	/* 4 KiB to 8 MiB */
#define ORDER_2M	9
#define NO_FRAME	(~0ul)	/* no physical address */

/** Owners: 0 is nobody, 1 is vmihv, others are domains. */
#define OWNER_HV	1

/**
 * RAM without what is taken: the image, modules, the records. Their room is
 * found in RAM itself, below limit. -1: there is none.
 */
int frames_init(const struct range *ram, u32 ram_count, const struct range *taken, u32 taken_count, u64 limit);
/** Physical address of a block, not cleared, or NO_FRAME. */
u64 frames_take(u32 order, u16 owner);
/** Gives back what frames_take gave; a wrong one is a bug and panics. */
void frames_give(u64 pa, u32 order, u16 owner);
/** Makes a block that is taken one of single frames, each taken by itself. */
void frames_split(u64 pa, u32 order, u16 owner);
/** A single frame becomes another owner's. */
void frames_hand_over(u64 pa, u16 owner, u16 heir);
/** Gives back those frames of a block that has been split that are this owner's. */
void frames_give_rest(u64 pa, u32 order, u16 owner);
/** One cleared frame for vmihv's own tables, or NO_FRAME. */
u64 frames_take_table(u16 owner);
/** A number that goes with a block that is taken, for whoever finds one of its frames. */
void frames_tag(u64 pa, u32 tag);
/** Whether pa lies in a block of this order and owner, and then its number. */
bool frames_tagged(u64 pa, u32 order, u16 owner, u32 *tag);

/** All that this owner has; looks at every record, so it is for people who ask. */
u64 frames_owned_bytes(u16 owner);
u64 frames_free_bytes(void);
u64 frames_total_bytes(void);
u64 frames_record_bytes(void);

#endif
