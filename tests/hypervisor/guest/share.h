/* SPDX-License-Identifier: MIT */
/* Pages in common with another domain, the same in both ABIs. Domains have numbers; a ticket names an offer. Read next: channel.c. */
#ifndef SHARE_H
#define SHARE_H

#include <stdint.h>

/** Each: 0, or it is refused. Pages by their guest-physical addresses. */
int share_offer(uint64_t page, uint32_t to, uint64_t *ticket);
/** 1: it is taken. */
int share_withdraw(uint64_t ticket);
int share_accept(uint32_t from, uint64_t ticket, uint64_t page);
int share_return(uint64_t page);
/** Ends the other's share_wait(), or its next one. */
int share_ring(uint32_t domain);
/** Until somebody rings. */
void share_wait(void);
/** The first ticket of that domain. */
uint64_t share_first_ticket(uint32_t domain);
uint32_t share_own_number(void);

#endif
