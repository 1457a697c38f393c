/* SPDX-License-Identifier: MIT */
/*
 * How a guest tells `vmi run` how it went; SPEC.md, "Verdicts". Lines on the
 * console, each alone, or one byte to the exit port where there is one.
 *
 *   VMI-BUILD-ID: <hex>         GNU build ID of the running kernel
 *   VMI-ROM: <name> <sha256>    the ROM in use; "none -" without one
 *   VMI-SECONDS: <decimal>      from the kernel's first instruction to user space
 *   VMI-VERDICT: pass           or "fail" and one sentence
 */
#ifndef VMI_VERDICT_H
#define VMI_VERDICT_H

#define VMI_VERDICT_BUILD_ID	"VMI-BUILD-ID: "
#define VMI_VERDICT_ROM		"VMI-ROM: "
#define VMI_VERDICT_SECONDS	"VMI-SECONDS: "
#define VMI_VERDICT_LINE	"VMI-VERDICT: "
#define VMI_VERDICT_PASS	"pass"
#define VMI_VERDICT_FAIL	"fail"
#define VMI_VERDICT_PORT	0xf4	/* 32-bit write: 0x10 pass, 0x11 fail */

#endif
