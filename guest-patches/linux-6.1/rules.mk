# SPDX-License-Identifier: MIT
# Linux: the guest and the peers it is measured against. build.sh has a cache of
# its own; what it makes goes to B/linux/VARIANT/{vmlinux,bzImage,config}.

LINUX		:= $(B)/linux/vmi/vmlinux
LINUX_PEERS	:= $(B)/linux/no-xxl/vmlinux $(B)/linux/linux-xen-pv/vmlinux $(B)/linux/linux-kvm/vmlinux

# What references of tests are recorded on, and is not measured.
LINUX_OTHERS	:= $(B)/linux/linux-xen-pvh/vmlinux

# A part that has a module for the vmi kernel names its folder here; it is made beside the kernel.
LINUX_MODULE	?=
LINUX_DIR	:= guest-patches/linux-6.1
LINUX_FROM	:= $(wildcard $(LINUX_DIR)/series/*.patch $(LINUX_DIR)/*.config abi/include/vmi/* abi/guest/*.[ch]) \
		   $(LINUX_DIR)/build.sh

$(LINUX) $(LINUX_PEERS) $(LINUX_OTHERS): $(B)/linux/%/vmlinux: $(LINUX_FROM)
	$(Q)$(LINUX_DIR)/build.sh $* $(@D) $(if $(filter vmi,$*),$(LINUX_MODULE))
	$(Q)touch $@
