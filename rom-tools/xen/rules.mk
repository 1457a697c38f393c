# SPDX-License-Identifier: MIT
# Other versions of Xen, from other suites of Debian. They are kept in the cache, where `vmi run' looks for them. Without
# the network they are left out, each with its reason.

.PHONY: xens
xens:
	$(Q)rom-tools/xen/fetch 4.14 bullseye $(CACHE)/xen || true
	$(Q)rom-tools/xen/fetch 4.20 trixie $(CACHE)/xen || true

NEEDS-boot += xens
NEEDS-linux += xens
run: xens
