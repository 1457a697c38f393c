# SPDX-License-Identifier: MIT
# The kernel's own x86 selftests in an initramfs of their own.

SELFTESTS_INITRAMFS := $(B)/tests/selftests.cpio.gz
NEEDS-linux	+= $(SELFTESTS_INITRAMFS)

$(SELFTESTS_INITRAMFS): tests/selftests/build tests/guest/mkinitramfs \
		$(B)/tests/root/init $(B)/tests/root/selftests
	$(call say,KSELF)
	$(Q)rm -rf $(B)/tests/selftests && mkdir -p $(B)/tests/selftests
	$(Q)$< $(B)/tests/selftests
	$(Q)cp $(filter $(B)/tests/root/%,$^) $(B)/tests/selftests/
	$(Q)tests/guest/mkinitramfs $@ $(B)/tests/selftests
