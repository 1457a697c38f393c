// SPDX-License-Identifier: MIT
/* The two ABIs' calls for it. This guest knows its hypervisor: the VMI ABI has no such calls. */
#include "share.h"
#include "work.h"
#include <vmihv/v1.h>
#include <vmihv/v2.h>

static void facts(uint32_t leaf, uint32_t r[4])
{
	r[0] = leaf;
	r[2] = 0;
	__asm__ volatile("cpuid" : "+a" (r[0]), "=b" (r[1]), "+c" (r[2]), "=d" (r[3]));
}

static int is_v1(void)
{
	uint32_t r[4];

	facts(VMIHV_LEAF_FACTS, r);
	return r[0] == 1;
}

uint32_t share_own_number(void)
{
	uint32_t r[4];

	facts(VMIHV_LEAF_MEMORY, r);
	return r[1];
}

static int64_t v1(uint64_t nr, uint64_t a, uint64_t b, uint64_t c)
{
	__asm__ volatile("vmmcall" : "+a" (nr) : "D" (a), "S" (b), "d" (c) : "memory");
	return nr;
}

static uint64_t v2(uint32_t nr, uint64_t a, uint64_t b, uint64_t *result)
{
	register uint64_t r8 __asm__("r8") = b;
	register uint64_t r9 __asm__("r9") = 0;
	uint64_t status;

	__asm__ volatile("vmmcall" : "=a" (status), "+d" (a) : "c" (nr), "r" (r8), "r" (r9) : "memory");
	*result = a;
	return status;
}

int share_offer(uint64_t page, uint32_t to, uint64_t *ticket)
{
	if (!is_v1())
		return v2(VMIHV_V2_LEND, page / 4096, to, ticket) ? -1 : 0;
	*ticket = v1(VMIHV_V1_OFFER, page, to, 0);
	return (int64_t)*ticket < 0 ? -1 : 0;
}

int share_withdraw(uint64_t ticket)
{
	uint64_t status, taken = is_v1() ? (uint64_t)VMIHV_V1_EREFUSED : VMIHV_V2_NOT_ALLOWED, none;

	status = is_v1() ? (uint64_t)v1(VMIHV_V1_WITHDRAW, ticket, 0, 0) : v2(VMIHV_V2_RECALL, ticket, 0, &none);
	return status == taken ? 1 : status ? -1 : 0;
}

int share_accept(uint32_t from, uint64_t ticket, uint64_t page)
{
	uint64_t none;

	return is_v1() ? v1(VMIHV_V1_ACCEPT, from, ticket, page) < 0 : v2(VMIHV_V2_BORROW, page / 4096, ticket, &none) != 0;
}

int share_return(uint64_t page)
{
	uint64_t none;

	return is_v1() ? v1(VMIHV_V1_RETURN, page, 0, 0) < 0 : v2(VMIHV_V2_HAND_BACK, page / 4096, 0, &none) != 0;
}

int share_ring(uint32_t domain)
{
	uint64_t none;

	return is_v1() ? v1(VMIHV_V1_RING, domain, 0, 0) < 0 : v2(VMIHV_V2_CALL, domain, 0, &none) != 0;
}

void share_wait(void)
{
	uint64_t none;

	if (is_v1())
		v1(VMIHV_V1_WAIT, 0, 0, 0);
	else
		v2(VMIHV_V2_SLEEP, 0, 0, &none);
}

uint64_t share_first_ticket(uint32_t domain)
{
	return is_v1() ? 0 : (uint64_t)domain << 8;
}
