# SPDX-License-Identifier: MIT
# libvmi-guest.a: the loader for a freestanding guest.

GUEST_LIB	:= $(B)/libvmi-guest.a
GUEST_PC	:= $(B)/vmi-guest.pc
GUEST_OBJECTS	:= $(patsubst abi/guest/%.c,$(B)/guest/%.o,$(sort $(wildcard abi/guest/*.c)))
# What a kernel needs of its compiler; a guest's own flags may add to it.
GUEST_CFLAGS	:= $(WARN) -O2 -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone \
	-mgeneral-regs-only -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none

INSTALL_LIB += $(GUEST_LIB)
INSTALL_PC  += $(GUEST_PC)
TOOLS       += $(GUEST_LIB) $(GUEST_PC)

$(B)/guest/%.o: abi/guest/%.c abi/guest/rules.mk | $(B)/guest/
	$(call say,CC)
	$(Q)$(CC) $(GUEST_CFLAGS) -Iabi/include -MMD -MP -c -o $@ $<
-include $(GUEST_OBJECTS:.o=.d)

$(GUEST_LIB): $(GUEST_OBJECTS)
	$(call say,AR)
	$(Q)rm -f $@ && ar rcsD $@ $^

$(GUEST_PC): abi/guest/vmi-guest.pc.in | $(B)/
	$(Q)sed 's|@PREFIX@|$(PREFIX)|' $< >$@
