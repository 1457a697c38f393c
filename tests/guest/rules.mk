# SPDX-License-Identifier: MIT
# The programs that run inside Linux, and the initramfs that carries them.

INITRAMFS	:= $(B)/tests/initramfs.cpio.gz
GUEST_PROGRAMS	:= init bench life selftests smp soak hostile module fpu kexec
GUEST_HDRS	:= $(wildcard tests/guest/*.h abi/include/vmi/*.h)

GUESTS		+= $(INITRAMFS)
NEEDS-linux	+= $(INITRAMFS)

$(B)/tests/root/init: $(addprefix tests/guest/,init.c facts.c smoke.c util.c)
$(B)/tests/root/bench: tests/guest/bench.c
$(B)/tests/root/life: $(addprefix tests/guest/,life.c work.c util.c)
$(B)/tests/root/selftests: tests/guest/selftests.c
$(B)/tests/root/smp: $(addprefix tests/guest/,smp.c util.c)
$(B)/tests/root/soak: $(addprefix tests/guest/,soak.c soak_work.c util.c)
$(B)/tests/root/module: tests/guest/module.c
$(B)/tests/root/fpu: tests/guest/fpu.c
$(B)/tests/root/kexec: $(addprefix tests/guest/,kexec.c kexec_load.c kexec_dump.c util.c)
$(B)/tests/root/hostile: $(addprefix tests/guest/,hostile.c hostile_cpu.c hostile_entry.c hostile_system.c)

# Static: the initramfs holds no libraries.
$(addprefix $(B)/tests/root/,$(GUEST_PROGRAMS)): $(GUEST_HDRS) | $(B)/tests/root/
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -static -pthread -Iabi/include -Itests/guest \
		-o $@ $(filter %.c,$^) -lm -s

# /init where `vmi detect' runs; not in the initramfs of everybody.
NEEDS-linux	+= $(B)/tests/detect-init
$(B)/tests/detect-init: tests/guest/detect.c $(GUEST_HDRS) | $(B)/tests/
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -static -Iabi/include -o $@ $< -s

# What the kernel starts when it is to end in order.
$(B)/tests/root/sbin: | $(B)/tests/root/
	$(Q)mkdir -p $@
	$(Q)ln -sf ../life $@/poweroff
	$(Q)ln -sf ../life $@/reboot

# For the emulator, not for a guest: tests/bench counts hypercalls with it.
$(B)/observe.so: tests/observe.c
	$(call say,CC)
	$(Q)$(CC) $(WARN) $(CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

$(INITRAMFS): tests/guest/mkinitramfs $(addprefix $(B)/tests/root/,$(GUEST_PROGRAMS)) | $(B)/tests/root/sbin
	$(call say,CPIO)
	$(Q)$< $@ $(B)/tests/root
