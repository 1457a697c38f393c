# SPDX-License-Identifier: MIT
# The conformance guest, from tiny's start-up code.

GUESTS	+= $(B)/conform
NEEDS-boot += $(B)/conform $(B)/abi/calls.txt

CONFORM_OBJECTS	:= $(patsubst tests/conform/%,$(B)/conform.d/%.o,$(basename $(sort $(wildcard tests/conform/*.c tests/conform/*.S))))

$(B)/conform.d/%.o: tests/conform/%.c tests/conform/rules.mk | $(B)/conform.d/
	$(call say,CC)
	$(Q)$(CC) $(TINY_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/conform.d/%.o: tests/conform/%.S tests/conform/rules.mk | $(B)/conform.d/
	$(call say,AS)
	$(Q)$(CC) -MMD -MP -c -o $@ $<
-include $(wildcard $(B)/conform.d/*.d)

$(B)/conform: $(TINY_START) $(CONFORM_OBJECTS) $(GUEST_LIB) guest-patches/tiny/tiny.lds
	$(call say,LD)
	$(Q)$(TINY_LINK) $(TINY_START) $(CONFORM_OBJECTS) $(GUEST_LIB)
