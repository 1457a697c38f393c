# SPDX-License-Identifier: MIT
# The first domain below host xen-hvm, in the cache like that of dom0/. It is made after that one, whose packages it has too.

.PHONY: dom0-hvm
dom0-hvm: dom0
	$(Q)rom-tools/inner/make rom-tools/dom0-hvm $(CACHE)/dom0-hvm || true

NEEDS-boot += dom0-hvm
NEEDS-linux += dom0-hvm
run: dom0-hvm
