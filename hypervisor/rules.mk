# SPDX-License-Identifier: MIT
# The hypervisor, $(B)/vmihv. It loads ROMs with the same sources as a kernel (abi/guest/).

VMIHV	:= $(B)/vmihv
TOOLS	+= $(VMIHV)
INSTALL_SHARE += $(VMIHV)

VMIHV_SOURCES := $(sort $(wildcard hypervisor/*/*.c)) $(addprefix abi/guest/,check.c place.c reach.c rows.c sums.c)
VMIHV_OBJECTS := $(patsubst %,$(B)/vmihv.d/%.o,$(basename $(VMIHV_SOURCES)) $(sort $(wildcard hypervisor/*/*.asm)))
VMIHV_CFLAGS := $(WARN) -O2 -g -ffreestanding -fPIE -mno-red-zone -mgeneral-regs-only \
	-fno-stack-protector -fno-asynchronous-unwind-tables -fno-common -fno-strict-aliasing \
	-fcf-protection=branch -mindirect-branch=thunk-inline -fno-jump-tables \
	-Ihypervisor -Ihypervisor/include -Iabi/include

$(B)/vmihv.d/%.o: %.c hypervisor/rules.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(VMIHV_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/vmihv.d/%.asm.o: %.asm hypervisor/rules.mk
	@mkdir -p $(@D)
	$(call say,NASM,$<)
	$(Q)nasm -f elf64 -Wall -Werror --reproducible -o $@ $<
-include $(VMIHV_OBJECTS:.o=.d)

$(VMIHV): $(VMIHV_OBJECTS) hypervisor/vmihv.lds
	$(call say,LD)
	$(Q)ld -static -nostdlib --build-id -z max-page-size=0x1000 --no-warn-rwx-segments -z noexecstack \
		-T hypervisor/vmihv.lds -o $@ $(VMIHV_OBJECTS)
