# SPDX-License-Identifier: MIT
# The module that the tests load into Linux is made beside the kernel.

LINUX_MODULE	:= tests/module
$(LINUX): $(wildcard tests/module/*)
