# SPDX-License-Identifier: MIT
# A guest for the hypervisor's tests, on the conformance guest's start-up code: it works, or misbehaves as it is told.

HV_GUEST := $(B)/hvguest
HV_GUEST_OBJS := $(patsubst tests/hypervisor/guest/%.c,$(B)/hvguest.d/%.o,$(wildcard tests/hypervisor/guest/*.c))
NEEDS-boot += $(HV_GUEST)

$(B)/hvguest.d/%.o: tests/hypervisor/guest/%.c tests/hypervisor/guest/rules.mk | $(B)/hvguest.d/
	$(call say,CC)
	$(Q)$(CC) $(TINY_CFLAGS) -Itests/conform -Ihypervisor/include -MMD -MP -c -o $@ $<
-include $(wildcard $(B)/hvguest.d/*.d)

$(HV_GUEST): $(TINY_START) $(HV_GUEST_OBJS) $(B)/conform.d/guest.o $(GUEST_LIB) guest-patches/tiny/tiny.lds
	$(call say,LD)
	$(Q)$(TINY_LINK) $(TINY_START) $(HV_GUEST_OBJS) $(B)/conform.d/guest.o $(GUEST_LIB)
