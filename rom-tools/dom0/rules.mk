# SPDX-License-Identifier: MIT
# The first domain below host xen-pv-domu. It is the same for every build folder, so it is kept in the cache, where
# `vmi run' looks for it. Its packages come by the network: without that, the host is left out of everything.

.PHONY: dom0
dom0:
	$(Q)rom-tools/inner/make rom-tools/dom0 $(CACHE)/dom0 || true

NEEDS-boot += dom0
NEEDS-linux += dom0
run bench: dom0
