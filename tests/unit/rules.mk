# SPDX-License-Identifier: MIT
# Unit tests of the tool, the loader and what of a shim runs anywhere: cmocka, address and undefined-behaviour sanitizers, no VM.

UNIT_TESTS	:= $(patsubst tests/unit/%_test.c,$(B)/tests/unit/%_test,$(wildcard tests/unit/*_test.c))
TESTS-unit	+= $(UNIT_TESTS)
NEEDS-unit	+= $(UNIT_TESTS) $(GOOD_ROM) $(TINY) $(SHIM_ROMS) $(EFI_DRIVER)

UNIT_CFLAGS	= $(vmi-cflags) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
		  -fno-omit-frame-pointer -Itests/unit -DBUILD='"$(B)"'
UNIT_OBJS	:= $(patsubst %.c,$(B)/tests/unit/%.o,\
		   $(filter-out rom-tools/main.c,$(wildcard rom-tools/*.c abi/guest/*.c)) shim/xen/wire.c shim/backends/kvm/figures.c)

$(B)/tests/unit/%.o: %.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT_TESTS): $(B)/tests/unit/%: $(B)/tests/unit/tests/unit/%.o $(UNIT_OBJS)
	$(call say,LINK)
	$(Q)$(CC) -fsanitize=address,undefined -o $@ $^ \
		$(shell pkg-config --libs $(vmi-pkgs) cmocka)

-include $(UNIT_OBJS:.o=.d) $(UNIT_TESTS:$(B)/tests/unit/%=$(B)/tests/unit/tests/unit/%.d)
