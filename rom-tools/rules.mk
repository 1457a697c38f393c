# SPDX-License-Identifier: MIT
# The host program `vmi'. Included by the top Makefile; B is the build folder.
B ?= build

vmi-srcs := $(wildcard rom-tools/*.c)
vmi-objs := $(vmi-srcs:%.c=$(B)/%.o)
vmi-libs := libelf jansson smartcols libcrypto
vmi-cflags := -std=gnu11 -O2 -g -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Werror \
	-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -Iabi/include -Irom-tools \
	$(shell pkg-config --cflags $(vmi-libs))

$(B)/vmi: $(vmi-objs)
	$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(vmi-libs))

$(B)/rom-tools/%.o: rom-tools/%.c
	@mkdir -p $(@D)
	$(CC) $(vmi-cflags) $(CFLAGS) -MMD -MP -c -o $@ $<

-include $(vmi-objs:.o=.d)
