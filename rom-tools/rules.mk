# SPDX-License-Identifier: MIT
# The host program `vmi'. It loads ROMs with the same sources as a kernel.
B ?= build
VMI ?= $(B)/vmi
TOOLS += $(VMI)
INSTALL_BIN += $(VMI)
INSTALL_MAN += $(wildcard rom-tools/man/*.1)
INSTALL_COMP += rom-tools/completion/vmi

vmi-srcs := $(wildcard rom-tools/*.c)
vmi-objs := $(patsubst %.c,$(B)/vmi.d/%.o,$(vmi-srcs) $(wildcard abi/guest/*.c))
vmi-pkgs := libelf jansson smartcols libcrypto capstone
vmi-cflags = -std=gnu11 -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Werror \
	-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iabi/include -Irom-tools \
	$(shell pkg-config --cflags $(vmi-pkgs))

$(VMI): $(vmi-objs)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(vmi-pkgs))

$(vmi-objs): $(B)/vmi.d/%.o: %.c
	$(call say,CC)
	@mkdir -p $(@D)
	$(Q)$(CC) $(vmi-cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(vmi-objs:.o=.d)
