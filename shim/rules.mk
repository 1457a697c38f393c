# SPDX-License-Identifier: MIT
# Builds $(B)/shim/<backend>.o for every directory of shim/backends/, and
# $(B)/<backend>.rom from it.

SHIM_BACKENDS := $(sort $(patsubst shim/backends/%/backend.h,%,$(wildcard shim/backends/*/backend.h)))
SHIM_OBJECTS := $(SHIM_BACKENDS:%=$(B)/shim/%.o)
SHIM_ROMS := $(SHIM_BACKENDS:%=$(B)/%.rom)
# core/ is in every ROM; what else a backend shares with others, it says in its backend.h.
shim_shared = $(shell sed -n 's/^\#define[[:space:]]*BACKEND_PARTS[[:space:]]*"\(.*\)".*/\1/p' shim/backends/$(1)/backend.h)

NASM	:= nasm
SHIM_INCLUDES = -Iabi/include -Ishim/include $(patsubst %,-Ishim/%,$(call shim_shared,$(1))) -Ihypervisor/include -Ishim/backends/$(1) -I$(B)/shim/$(1) -I$(B)/abi
# No FPU, no red zone: ROM code runs with the guest's registers, on its stacks.
SHIM_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -ffreestanding -fPIE -fvisibility=hidden \
	-mno-red-zone -mgeneral-regs-only -fno-stack-protector -fno-common \
	-fno-strict-aliasing -fno-reorder-functions -fno-reorder-blocks-and-partition
# The mitigation contract: no indirect branch, every return a relocation.
SHIM_CFLAGS += -fno-jump-tables -fcf-protection=branch -mfunction-return=thunk-extern \
	-mindirect-branch=thunk-extern -mharden-sls=all
# Call-frame directives are the source of .vmi.unwind; .eh_frame is dropped.
SHIM_CFLAGS += -fasynchronous-unwind-tables

# $(1): folder of sources, $(2): folder of objects, $(3): backend whose headers are used
define SHIM_COMPILE
$(2)/%.o: $(1)/%.c shim/unwind.awk shim/rules.mk
	$$(Q)mkdir -p $$(@D)
	$$(call say,CC,$$<)
	$$(Q)$$(CC) $$(SHIM_CFLAGS) $$(call SHIM_INCLUDES,$(3)) -include shim.h -MMD -MP -MT $$@ -MF $$(@:.o=.d) -S -o $$(@:.o=.c.s) $$<
	$$(Q)awk -f shim/unwind.awk $$(@:.o=.c.s) >$$(@:.o=.s)
	$$(Q)$$(CC) -c -o $$@ $$(@:.o=.s)
$(2)/%.asm.o: $(1)/%.asm $(B)/abi/vmi.inc $(B)/shim/$(3)/backend.inc
	$$(Q)mkdir -p $$(@D)
	$$(call say,NASM,$$<)
	$$(Q)$$(NASM) -f elf64 -M -MP -MT $$@ -MF $$(@:.o=.d) $$(patsubst -I%,-I%/,$$(call SHIM_INCLUDES,$(3))) $$<
	$$(Q)$$(NASM) -f elf64 -Wall -Werror --reproducible $$(patsubst -I%,-I%/,$$(call SHIM_INCLUDES,$(3))) -o $$@ $$<
endef

define SHIM_BACKEND
$(call SHIM_COMPILE,shim/backends/$(1),$(B)/shim/$(1),$(1))
$(foreach part,$(2),$(call SHIM_COMPILE,shim/$(part),$(B)/shim/$(1)/$(part),$(1))
)SHIM_OBJS_$(1) := $$(patsubst shim/%,$(B)/shim/$(1)/%.o,$$(patsubst %.c,%,$$(sort $$(wildcard $(2:%=shim/%/*.c) $(2:%=shim/%/*.asm))))) \
	$$(patsubst shim/backends/$(1)/%,$(B)/shim/$(1)/%.o,$$(patsubst %.c,%,$$(filter-out %/offsets.c,$$(sort $$(wildcard shim/backends/$(1)/*.c shim/backends/$(1)/*.asm)))))

# backend.h holds plain #defines only: one source for C and NASM.
$(B)/shim/$(1)/backend.inc: shim/backends/$(1)/backend.h
	$$(Q)mkdir -p $$(@D)
	$$(Q)sed -n 's/^#define\([ \t]\+BACKEND_\)/%define\1/p' $$< >$$@

# offsets.c, where a backend has one: OFFSET(name, value) lines for its assembly.
$(B)/shim/$(1)/offsets.inc: shim/backends/$(1)/offsets.c
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(CC) $$(SHIM_CFLAGS) $$(call SHIM_INCLUDES,$(1)) -include shim.h -MMD -MP -MT $$@ -MF $$@.d -S -o $$@.s $$<
	$$(Q)sed -n 's/^.*->\([A-Za-z0-9_]*\) \$$$$*\(-\?[0-9]*\)$$$$/%define \1 \2/p' $$@.s >$$@
$$(filter %.asm.o,$$(SHIM_OBJS_$(1))): $$(patsubst shim/backends/$(1)/%.c,$(B)/shim/$(1)/%.inc,$$(wildcard shim/backends/$(1)/offsets.c))

$(B)/shim/$(1).o: $$(SHIM_OBJS_$(1)) shim/rom.lds
	$$(call say,LD)
	$$(Q)ld -r -T shim/rom.lds -o $$@ $$(SHIM_OBJS_$(1))
-include $$(SHIM_OBJS_$(1):.o=.d) $(B)/shim/$(1)/offsets.inc.d
endef
$(foreach b,$(SHIM_BACKENDS),$(eval $(call SHIM_BACKEND,$(b),core $(call shim_shared,$(b)))))

$(SHIM_ROMS): $(B)/%.rom: $(B)/shim/%.o $(VMI)
	$(call say,ROM)
	$(Q)$(VMI) build -o $@ $<

ROMS	+= $(SHIM_ROMS)
INSTALL_ROM += $(filter-out %/template.rom,$(SHIM_ROMS))

.PHONY: shim
shim: $(SHIM_OBJECTS)
