# SPDX-License-Identifier: MIT
# The kernel's own x86 selftests in an initramfs of their own.

SELFTESTS_INITRAMFS := $(B)/selftests/initramfs.cpio.gz
NEEDS-linux	+= $(SELFTESTS_INITRAMFS)

$(SELFTESTS_INITRAMFS): tests/selftests/build tests/guest/mkinitramfs \
		$(B)/guest/root/init $(B)/guest/root/selftests
	$(call say,SELFTEST)
	$(Q)rm -rf $(B)/selftests/root && mkdir -p $(B)/selftests/root
	$(Q)$< $(B)/selftests/root
	$(Q)cp $(filter $(B)/guest/%,$^) $(B)/selftests/root/
	$(Q)tests/guest/mkinitramfs $@ $(B)/selftests/root
