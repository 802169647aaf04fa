/* SPDX-License-Identifier: GPL-2.0 */
/* Debug output, which goes to the kernel log. Any IRQL. */
#ifndef NT_DBG_H
#define NT_DBG_H

#include "ntdef.h"

EXTERN_C_START

/* Formats as the Windows kernel does (%wZ, %ws, %I64d ...). Returns success. */
ULONG DbgPrint(PCSTR Format, ...);
ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);

EXTERN_C_END

#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3

#define KdPrint(Arguments) DbgPrint Arguments
#define KdPrintEx(Arguments) DbgPrintEx Arguments

#endif /* NT_DBG_H */
