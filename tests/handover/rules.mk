# SPDX-License-Identifier: MIT
# A boot loader for tests: 32 bits, started by Multiboot.

HANDOVER	:= $(B)/tests/handover
NEEDS-linux	+= $(HANDOVER)/handover

HANDOVER_CFLAGS	:= $(WARN) -O2 -m32 -march=i686 -ffreestanding -fno-pic -fno-stack-protector -mno-sse \
		   -fcf-protection=none -fno-builtin -Iabi/include

$(HANDOVER)/%.o: tests/handover/%.c tests/handover/rules.mk | $(HANDOVER)/
	$(call say,CC)
	$(Q)$(CC) $(HANDOVER_CFLAGS) -MMD -MP -c -o $@ $<
$(HANDOVER)/%.o: tests/handover/%.asm | $(HANDOVER)/
	$(call say,NASM)
	$(Q)nasm -Wall -Werror -f elf32 -o $@ $<
-include $(wildcard $(HANDOVER)/*.d)

$(HANDOVER)/handover: $(HANDOVER)/start.o $(HANDOVER)/handover.o tests/handover/handover.lds
	$(call say,LD)
	$(Q)ld -m elf_i386 -nostdlib --no-warn-rwx-segments --build-id=none -T tests/handover/handover.lds -o $@ $(filter %.o,$^)
