# SPDX-License-Identifier: MIT
# The generator: NASM include, golden dump, tables of SPEC.md, list of calls.

ABI_HEADERS := $(wildcard abi/include/vmi/*.h) abi/include/vmi/calls.def
INSTALL_INC += $(ABI_HEADERS) $(B)/abi/vmi.inc
NEEDS-unit  += $(B)/abi/vmi-gen

$(B)/abi/vmi-gen: abi/gen/main.c abi/gen/layout.def $(ABI_HEADERS) | $(B)/abi/
	$(call say,CC)
	$(Q)$(CC) $(WARN) -O1 -Iabi/include -Iabi/gen -o $@ $<

$(B)/abi/vmi.inc: $(B)/abi/vmi-gen
	$(call say,GEN)
	$(Q)$< nasm >$@.tmp && mv $@.tmp $@

$(B)/abi/calls.txt: $(B)/abi/vmi-gen
	$(Q)$< names >$@.tmp && mv $@.tmp $@

# After a change of the ABI on purpose: look at the difference, then commit it.
.PHONY: golden
golden: $(B)/abi/vmi-gen
	$(Q)$< golden >abi/golden.txt
	$(Q)$< spec <abi/SPEC.md >$(B)/abi/SPEC.md && cp $(B)/abi/SPEC.md abi/SPEC.md
