# SPDX-License-Identifier: MIT
# Builds, runs and tests everything; `make help` lists what for. Read next: the
# rules.mk of a part (rom-tools/, shim/, ...). They are found by their place, so
# that a part joins by being there.
#
# A rules.mk reads B, Q, CC, CFLAGS, VMI and the function say, and adds to
#   TOOLS ROMS GUESTS                 what `make` builds
#   TESTS-unit, -rom, -boot, -linux   TAP programs of a tier, built or scripts
#   NEEDS-unit, -rom, -boot, -linux   what has to be built before a tier runs
#   INSTALL_BIN _INC _LIB _PC _ROM _SHARE _MAN _COMP   what `make install` lays down

MAKEFLAGS += -rR --no-print-directory
SHELL	:= /bin/bash
.DELETE_ON_ERROR:
.SECONDARY:

# Everything that is built goes to B, which O= sets too.
B	:= $(or $(O),build)
VMI	:= $(B)/vmi
PREFIX	?= /usr/local
export XDG_CACHE_HOME ?= $(HOME)/.cache
CACHE	:= $(XDG_CACHE_HOME)/vmi

# Quiet by default: one short line for each thing made. V=1 shows the commands.
Q	:= $(if $(filter 1,$(V)),,@)
say	= @printf '  %-8s%s\n' '$(1)' '$(patsubst $(B)/%,%,$(or $(2),$@))'

CC	:= gcc
CFLAGS	?= -O2 -g
WARN	:= -std=gnu11 -Wall -Wextra -Werror -Wmissing-prototypes \
	   -Wstrict-prototypes -Wno-missing-field-initializers

.PHONY: all setup run check bench soak install clean help tools roms guests
all: tools roms guests

# Make remakes what it includes before it does anything else, and starts again:
# the packages are there before any rule, or pkg-config, asks for them.
ifneq ($(filter-out setup clean help,$(or $(MAKECMDGOALS),all)),)
include $(B)/setup.mk
endif

$(B)/setup.mk: .ci/packages .ci/setup | $(B)/
	$(Q).ci/setup $<
	$(Q)touch $@

setup: | $(B)/
	$(Q).ci/setup .ci/packages
	$(Q)touch $(B)/setup.mk

%/:
	$(Q)mkdir -p $@

# The parts.
include $(filter-out $(B)/%,$(wildcard */rules.mk */*/rules.mk */*/*/rules.mk))

tools: $(TOOLS)
roms: $(TOOLS) $(ROMS)
guests: $(GUESTS)

# Main job: every guest on every host, the small guest first. Its rows are in the
# last table too, which decides.
run: tools roms $(TINY) $(INITRAMFS)
	$(Q)B=$(B) tests/run tiny || true
	$(Q)$(MAKE) $(LINUX)
	$(Q)B=$(B) tests/run linux $(LINUX) $(INITRAMFS)

# Tests, by tier: what needs no ROM, what needs no guest, small guests, Linux.
TIERS	:= unit rom boot linux
TESTS-unit	+= $(wildcard tests/unit/*.t tests/abi/*.t)
TESTS-rom	+= $(wildcard tests/rom/*.t)
TESTS-boot	+= $(wildcard tests/boot/*.t tests/conform/*.t tests/install/*.t)
TESTS-linux	+= $(wildcard tests/linux/*.t tests/selftests/*.t tests/life/*.t)
NEEDS-rom	+= tools roms
NEEDS-boot	+= tools roms $(TINY)
NEEDS-linux	+= tools roms $(LINUX)
PROVE	= B=$(B) V=$(V) PERL5LIB=tests/lib prove --harness VmiHarness \
	  --exec '' -j $(or $(J),2)

# What takes longest begins first, so that no processor waits for it at the end.
LONG	:= tests/selftests/selftests.t tests/linux/series.t tests/linux/smp.t
ALL	 = $(sort $(foreach t,$(TIERS),$(TESTS-$(t))))

check: $(foreach t,$(TIERS),$(NEEDS-$(t)))
	$(Q)$(PROVE) $(filter $(LONG),$(ALL)) $(filter-out $(LONG),$(ALL))

.PHONY: $(TIERS:%=check-%)
$(TIERS:%=check-%): check-%:
	$(Q)$(MAKE) $(B)/check-needs TIER=$*
	$(Q)$(PROVE) $(sort $(TESTS-$*))

.PHONY: $(B)/check-needs
$(B)/check-needs: $(NEEDS-$(TIER))

# Counts, or with ACCEL=hw time on this machine's processor.
bench: tools roms $(TINY) $(LINUX) $(LINUX_PEERS) $(INITRAMFS) $(B)/observe.so
	$(Q)B=$(B) tests/bench$(if $(ACCEL),-wall $(ACCEL)) $(LINUX) $(LINUX_PEERS) $(INITRAMFS)
	$(Q)[ -n "$(ACCEL)" ] || $(LINUX_DIR)/build.sh text $(B)/linux/text
	$(Q)[ -n "$(ACCEL)" ] || tests/bench-text $(B)/linux/text/vmlinux $(B)/linux/linux-xen-pv/vmlinux

# SOAK_MINUTES= says how long, of the guest's time, on each Xen; FUZZ_CALLS= and SOAK_DOMAINS= how many on our own hypervisor.
soak: tools roms $(LINUX) $(INITRAMFS) dom0 soak-hypervisor
	$(Q)rom-tools/xen/build-debug $(CACHE)/xen || true
	$(Q)B=$(B) tests/soak $(LINUX) $(INITRAMFS)

.PHONY: soak-hypervisor
soak-hypervisor: tools roms $(HV_GUEST) $(TINY) $(HV_TESTS)
	$(Q)B=$(B) tests/hypervisor/soak

# What somebody who writes a guest or a shim elsewhere needs.
put	= $(if $(3),install -d $(DESTDIR)$(PREFIX)/$(1) && \
	  install -m $(2) $(3) $(DESTDIR)$(PREFIX)/$(1))
install: tools roms $(INSTALL_LIB) $(INSTALL_PC)
	$(Q)$(call put,bin,755,$(INSTALL_BIN))
	$(Q)$(call put,include/vmi,644,$(INSTALL_INC))
	$(Q)$(call put,lib,644,$(INSTALL_LIB))
	$(Q)$(call put,lib/pkgconfig,644,$(INSTALL_PC))
	$(Q)sed -i 's|^prefix=.*|prefix=$(PREFIX)|' $(DESTDIR)$(PREFIX)/lib/pkgconfig/vmi-*.pc
	$(Q)$(call put,share/vmi,644,$(INSTALL_SHARE))
	$(Q)$(call put,share/vmi/roms,644,$(INSTALL_ROM))
	$(Q)$(call put,share/man/man1,644,$(INSTALL_MAN))
	$(Q)$(call put,share/bash-completion/completions,644,$(INSTALL_COMP))

clean:
	$(Q)rm -rf $(B)

help:
	@sed 's/^/  /' .ci/help
	@echo; echo "  build folder: $(B)      cache of kernels: $(CACHE)"
