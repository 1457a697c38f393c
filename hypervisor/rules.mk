# SPDX-License-Identifier: MIT
# The hypervisor, $(B)/vmihv. It loads ROMs with the same sources as a kernel (abi/guest/).

VMIHV	:= $(B)/vmihv
TOOLS	+= $(VMIHV)
INSTALL_SHARE += $(VMIHV)

VMIHV_SOURCES := $(filter-out hypervisor/efi/%,$(sort $(wildcard hypervisor/*/*.c))) $(addprefix abi/guest/,check.c place.c reach.c rows.c sums.c)
VMIHV_OBJECTS := $(patsubst %,$(B)/vmihv.d/%.o,$(basename $(VMIHV_SOURCES)) $(filter-out hypervisor/efi/%,$(sort $(wildcard hypervisor/*/*.asm))))
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

# The same inside an EFI application, $(B)/vmihv.efi.
VMIHV_EFI := $(B)/vmihv.efi
TOOLS	+= $(VMIHV_EFI)
INSTALL_SHARE += $(VMIHV_EFI)

$(B)/vmihv.d/vmihv.bin: $(VMIHV)
	$(call say,OBJCOPY)
	$(Q)objcopy -O binary $< $@
$(B)/vmihv.d/efi.o: hypervisor/efi/efi.c hypervisor/rules.mk shim/efi/rules.mk
	$(call say,CC,$<)
	$(Q)$(CC) $(EFI_CFLAGS) -Ihypervisor -MMD -MP -c -o $@ $<
$(B)/vmihv.d/leave.o: hypervisor/efi/leave.asm $(B)/vmihv.d/vmihv.bin
	$(call say,NASM,$<)
	$(Q)nasm -f elf64 -Wall -Werror --reproducible -I$(B)/vmihv.d/ -o $@ $<
$(B)/vmihv.d/vmihv.so: $(B)/vmihv.d/efi.o $(B)/vmihv.d/leave.o
	$(call say,LD)
	$(Q)ld -nostdlib -znocombreloc -z noexecstack -shared -Bsymbolic -T /usr/lib/elf_x86_64_efi.lds -o $@ \
		/usr/lib/crt0-efi-x86_64.o $^ -L/usr/lib -lgnuefi
$(VMIHV_EFI): $(B)/vmihv.d/vmihv.so
	$(call say,EFI)
	$(Q)objcopy --strip-all $(EFI_SECTIONS:%=-j %) --target=efi-app-x86_64 $< $@
-include $(B)/vmihv.d/efi.d
