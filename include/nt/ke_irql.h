/* SPDX-License-Identifier: GPL-2.0 */
/* Interrupt request levels of 64-bit x86. */
#ifndef NT_KE_IRQL_H
#define NT_KE_IRQL_H

#include "ntdef.h"

typedef UCHAR KIRQL, *PKIRQL;

#define PASSIVE_LEVEL 0
#define LOW_LEVEL 0
#define APC_LEVEL 1
#define DISPATCH_LEVEL 2
#define CMCI_LEVEL 5
#define CLOCK_LEVEL 13
#define IPI_LEVEL 14
#define DRS_LEVEL 14
#define POWER_LEVEL 14
#define PROFILE_LEVEL 15
#define HIGH_LEVEL 15

EXTERN_C_START

KIRQL KeGetCurrentIrql(VOID);
/* NewIrql >= the current level; the old one goes to OldIrql. */
VOID KeRaiseIrql(KIRQL NewIrql, PKIRQL OldIrql);
KIRQL KfRaiseIrql(KIRQL NewIrql);
KIRQL KeRaiseIrqlToDpcLevel(VOID);
/* NewIrql: what the matching raise gave. */
VOID KeLowerIrql(KIRQL NewIrql);

EXTERN_C_END

NT_INLINE KIRQL KfRaiseIrqlToDpcLevel(VOID)
{
	return KeRaiseIrqlToDpcLevel();
}

#endif /* NT_KE_IRQL_H */
