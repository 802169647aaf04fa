/* SPDX-License-Identifier: GPL-2.0 */
/* Regions in which a thread gets no kernel APCs. IRQL <= APC_LEVEL. */
#ifndef NT_KE_REGION_H
#define NT_KE_REGION_H

#include "ntdef.h"

EXTERN_C_START

VOID KeEnterCriticalRegion(VOID);
VOID KeLeaveCriticalRegion(VOID);
VOID KeEnterGuardedRegion(VOID);
VOID KeLeaveGuardedRegion(VOID);
/* IRQL <= DISPATCH_LEVEL. */
BOOLEAN KeAreApcsDisabled(VOID);
BOOLEAN KeAreAllApcsDisabled(VOID);

EXTERN_C_END

#define FsRtlEnterFileSystem KeEnterCriticalRegion
#define FsRtlExitFileSystem KeLeaveCriticalRegion

#endif /* NT_KE_REGION_H */
