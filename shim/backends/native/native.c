// SPDX-License-Identifier: MIT
u32 vmi_rom_detect(void)
{
	u16 cs;

	__asm__("mov %%cs, %0" : "=r" (cs));
	return cs & 3 ? 0 : 1;
}
