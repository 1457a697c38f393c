// SPDX-License-Identifier: MIT
/*
 * What the administrator wants of a running domain. A newer wish of a kind replaces
 * an older one. How the guest learns of them is the ABI's: from its page, or by asking.
 */
#include "domain/domain.h"
#include "hypercall/abi.h"

void wishes_tell(struct domain *d)
{
	struct vcpu *v = &d->vcpus[0];

	if (!v->event_page || !(d->wishes.frames || d->wishes.end || d->wishes.save))
		return;
	if (d->abi->set_wishes) {
		d->abi->set_wishes(v->event_page, &d->wishes);
		d->wishes = (struct wishes){ 0 };
	}
	event_send(v, EVENT_CONTROL);
}

/* A guest that does not obey keeps what it has, and gets no more. */
void wish_frames(struct domain *d, u64 frames)
{
	d->frames_limit = frames;
	d->wishes.frames = frames;
	wishes_tell(d);
}

void wish_save(struct domain *d)
{
	d->save_wished = true;
	d->wishes.save = true;
	wishes_tell(d);
}

void wish_end(struct domain *d, enum ending how)
{
	d->wishes.end = how + 1;
	wishes_tell(d);
}
