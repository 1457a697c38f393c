# SPDX-License-Identifier: MIT
# $(B)/driver.efi: the EFI driver that `vmi pack' puts ROMs into.

EFI_DRIVER	:= $(B)/driver.efi
# Its own calls follow Microsoft's convention, as firmware's do: GNU-EFI's wrappers are not needed.
EFI_CFLAGS	:= -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fpic -fshort-wchar -fno-stack-protector \
		   -mno-red-zone -mgeneral-regs-only -maccumulate-outgoing-args -DGNU_EFI_USE_MS_ABI \
		   -isystem /usr/include/efi -isystem /usr/include/efi/x86_64 -Iabi/include
# The boot loader's sections only; what a debugger wants is left out.
EFI_SECTIONS	:= .text .sdata .data .rodata .dynamic .dynsym .rel .rela .rel.* .rela.* .reloc

$(B)/efi/driver.o: shim/efi/driver.c shim/efi/rules.mk | $(B)/efi/
	$(call say,CC,$<)
	$(Q)$(CC) $(EFI_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/efi/driver.so: $(B)/efi/driver.o
	$(call say,LD)
	$(Q)ld -nostdlib -znocombreloc -z noexecstack -shared -Bsymbolic -T /usr/lib/elf_x86_64_efi.lds -o $@ \
		/usr/lib/crt0-efi-x86_64.o $< -L/usr/lib -lgnuefi

$(EFI_DRIVER): $(B)/efi/driver.so
	$(call say,EFI)
	$(Q)objcopy --strip-all $(EFI_SECTIONS:%=-j %) --target=efi-bsdrv-x86_64 $< $@

ROMS	+= $(EFI_DRIVER)
INSTALL_ROM += $(EFI_DRIVER)
-include $(B)/efi/driver.d
