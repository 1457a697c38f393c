# SPDX-License-Identifier: MIT
# Unit tests of the hypervisor's parts that need no processor of their own: its own sources under cmocka and sanitizers.

HV_TESTS	:= $(patsubst tests/hypervisor/%_test.c,$(B)/tests/hypervisor/%_test,$(wildcard tests/hypervisor/*_test.c))
TESTS-unit	+= $(HV_TESTS)
NEEDS-unit	+= $(HV_TESTS) $(TINY) $(B)/vmihv-v1.rom
TESTS-boot	+= $(wildcard tests/hypervisor/*.t)

HV_TEST_SOURCES	:= $(wildcard tests/hypervisor/host.c tests/hypervisor/pv_host.c abi/guest/*.c hypervisor/hypercall/*.c) \
	$(addprefix hypervisor/,config/config.c boot/acpi.c container/state.c lib/text.c memory/frames.c memory/guest.c memory/holes.c domain/features.c \
	domain/elf.c domain/rom.c domain/start.c domain/events.c domain/console.c domain/wishes.c domain/sharing.c domain/suspend.c \
	pv/pages.c pv/descriptor.c pv/calls.c pv/v1.c pv/v2.c)
HV_TEST_OBJS	:= $(patsubst %.c,$(B)/tests/hypervisor/%.o,$(HV_TEST_SOURCES))
HV_TEST_CFLAGS	= $(WARN) -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-DHV_UNIT_TEST -DBUILD='"$(B)"' -Ihypervisor -Ihypervisor/include -Iabi/include -Itests/hypervisor

$(B)/tests/hypervisor/%.o: %.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(HV_TEST_CFLAGS) -MMD -MP -c -o $@ $<

$(HV_TESTS): $(B)/tests/hypervisor/%: $(B)/tests/hypervisor/tests/hypervisor/%.o $(HV_TEST_OBJS)
	$(call say,LINK)
	$(Q)$(CC) -fsanitize=address,undefined -o $@ $^ $(shell pkg-config --libs cmocka)

-include $(HV_TEST_OBJS:.o=.d) $(HV_TESTS:$(B)/tests/hypervisor/%=$(B)/tests/hypervisor/tests/hypervisor/%.d)
