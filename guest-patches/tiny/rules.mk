# SPDX-License-Identifier: MIT
# The tiny guest; conform (tests/conform/) is built from its start-up code.

TINY	+= $(B)/tiny
GUESTS	+= $(B)/tiny

TINY_CFLAGS	:= $(WARN) -O2 -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none -Iabi/include
TINY_START	:= $(B)/tiny.d/start.o
TINY_LINK	= ld -static -nostdlib --build-id -z max-page-size=0x1000 --no-warn-rwx-segments -z noexecstack \
	-T guest-patches/tiny/tiny.lds -o $@

$(B)/tiny.d/%.o: guest-patches/tiny/%.c guest-patches/tiny/rules.mk | $(B)/tiny.d/
	$(call say,CC)
	$(Q)$(CC) $(TINY_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/tiny.d/%.o: guest-patches/tiny/%.S guest-patches/tiny/rules.mk | $(B)/tiny.d/
	$(call say,AS)
	$(Q)$(CC) -Iabi/include -MMD -MP -c -o $@ $<
-include $(wildcard $(B)/tiny.d/*.d)

$(B)/tiny: $(TINY_START) $(B)/tiny.d/tiny.o $(GUEST_LIB) guest-patches/tiny/tiny.lds
	$(call say,LD)
	$(Q)$(TINY_LINK) $(TINY_START) $(B)/tiny.d/tiny.o $(GUEST_LIB)
