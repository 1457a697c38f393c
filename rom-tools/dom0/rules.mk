# SPDX-License-Identifier: MIT
# The first domain below host xen-pv-domu. It is the same for every build folder, so it is kept in the cache, where
# `vmi run' looks for it. Its packages come by the network: without that, the host is left out of everything.

DOM0	:= $(CACHE)/dom0/stamp
NEEDS-boot += $(DOM0)
NEEDS-linux += $(DOM0)
run bench: $(DOM0)

$(DOM0): $(wildcard rom-tools/dom0/[im]*)
	$(call say,DOM0,kernel and Xen toolstack of Debian)
	$(Q)! rom-tools/dom0/make $(@D) || touch $@
