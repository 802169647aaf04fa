/* SPDX-License-Identifier: GPL-2.0 */
/* Handles and references of objects that the system owns. */
#ifndef NT_OB_HANDLE_H
#define NT_OB_HANDLE_H

#include "ke_wait.h"
#include "ntdef.h"

typedef ULONG ACCESS_MASK, *PACCESS_MASK;
#define SYNCHRONIZE 0x00100000u
#define STANDARD_RIGHTS_REQUIRED 0x000f0000u
#define THREAD_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0xffffu)

typedef struct _OBJECT_HANDLE_INFORMATION {
	ULONG HandleAttributes;
	ACCESS_MASK GrantedAccess;
} OBJECT_HANDLE_INFORMATION, *POBJECT_HANDLE_INFORMATION;

EXTERN_C_START

/* PASSIVE_LEVEL. ObjectType NULL takes an object of any type. */
NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess,
				   POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
				   PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
/* IRQL <= DISPATCH_LEVEL. */
LONG_PTR ObfReferenceObject(PVOID Object);
LONG_PTR ObfDereferenceObject(PVOID Object);
VOID ObDereferenceObjectDeferDelete(PVOID Object);
/* PASSIVE_LEVEL. */
NTSTATUS ZwClose(HANDLE Handle);

EXTERN_C_END

#define ObReferenceObject(Object) ObfReferenceObject(Object)
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)

#endif /* NT_OB_HANDLE_H */
