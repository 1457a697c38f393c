#!/bin/bash
# SPDX-License-Identifier: MIT
# Vector registers stay each task's own, on processors with SSE only and with AVX, natively and on Xen.
. "$(dirname "$0")/lib.sh"

# Xen is told not to load registers late: in the emulator every kernel, Debian's own too, loses AVX registers that way
# as a domain with two CPUs.
AVX=(--qemu-arg=-cpu "--qemu-arg=qemu64,+svm,+npt,+rdrand,+xsave,+xsaveopt,+avx" --xen-append spec-ctrl=eager-fpu)

t "native, with AVX" linux native-pvh "vmi=require VMI_RUN=fpu FPU_NEEDS=avx"
for host in xen-pv-dom0 xen-pv-domu; do
	case " $HOSTS " in *" $host "*) ;; *) continue ;; esac
	t "$host, with SSE only" linux "$host" "vmi=require VMI_RUN=fpu"
	t "$host, SSE only: 16 bytes" logged "fpu: registers of 16 bytes"
	t "$host, with AVX" linux "$host" "vmi=require VMI_RUN=fpu FPU_NEEDS=avx" "${AVX[@]}"
	t "$host, with AVX, 2 CPUs" linux "$host" "vmi=require VMI_RUN=fpu FPU_NEEDS=avx" --cpus 2 "${AVX[@]}"
done
case " $HOSTS " in *xen-pv-dom0*)
	fails "the test sees that AVX is missing" linux xen-pv-dom0 "vmi=require VMI_RUN=fpu FPU_NEEDS=avx" ;;
esac
finish
