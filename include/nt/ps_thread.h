/* SPDX-License-Identifier: GPL-2.0 */
/* System threads. PASSIVE_LEVEL. */
#ifndef NT_PS_THREAD_H
#define NT_PS_THREAD_H

#include "ntdef.h"
#include "ob_handle.h"

typedef struct _CLIENT_ID {
	HANDLE UniqueProcess;
	HANDLE UniqueThread;
} CLIENT_ID, *PCLIENT_ID;

typedef VOID KSTART_ROUTINE(PVOID StartContext);
typedef KSTART_ROUTINE *PKSTART_ROUTINE;

EXTERN_C_START

/* The type of threads, for ObReferenceObjectByHandle. */
extern POBJECT_TYPE *PsThreadType;

NTSTATUS PsCreateSystemThread(PHANDLE ThreadHandle, ULONG DesiredAccess,
			      POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
			      PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine,
			      PVOID StartContext);
/* Ends the calling thread and does not return, if it is a system thread. */
NTSTATUS PsTerminateSystemThread(NTSTATUS ExitStatus);
PKTHREAD KeGetCurrentThread(VOID);
PETHREAD PsGetCurrentThread(VOID);

EXTERN_C_END

#endif /* NT_PS_THREAD_H */
