# SPDX-License-Identifier: MIT
# A good ROM and what is broken of it; the guests' tests use the files too.

MKBROKEN	:= $(B)/tests/mkbroken
GOOD_ROM	:= $(B)/tests/good.rom
BROKEN		:= $(B)/tests/broken
NEEDS-rom	+= $(MKBROKEN) $(GOOD_ROM) $(BROKEN)/list $(TINY)
NEEDS-boot	+= $(BROKEN)/list
NEEDS-linux	+= $(BROKEN)/list

# The image's sums and the loader's sentences are the tool's own.
MKBROKEN_OBJS	:= $(patsubst %,$(B)/vmi.d/%.o,rom-tools/image rom-tools/util \
		   $(patsubst %.c,%,$(wildcard abi/guest/*.c)))

$(MKBROKEN): tests/rom/mkbroken.c $(MKBROKEN_OBJS) | $(B)/tests/
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -D_GNU_SOURCE -Iabi/include -Irom-tools -o $@ $^ -lcrypto

$(B)/tests/good.o: tests/rom/good.asm tests/rom/asm $(wildcard tests/rom/*.inc shim/include/*.inc) \
		shim/core/head.asm $(B)/abi/vmi.inc | $(B)/tests/
	$(call say,NASM)
	$(Q)B=$(B) tests/rom/asm tests/rom/none $@

$(GOOD_ROM): $(B)/tests/good.o $(VMI)
	$(call say,ROM)
	$(Q)$(VMI) build -o $@ $<

$(BROKEN)/list: $(MKBROKEN) $(GOOD_ROM)
	$(call say,BROKEN)
	$(Q)rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$(MKBROKEN) $(GOOD_ROM) $(@D) >$@
