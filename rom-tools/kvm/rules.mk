# SPDX-License-Identifier: MIT
# The machine below host kvm, in the cache like the first domain of dom0/.

.PHONY: kvm
kvm:
	$(Q)rom-tools/inner/make rom-tools/kvm $(CACHE)/kvm || true

NEEDS-boot += kvm
NEEDS-linux += kvm
run bench: kvm
