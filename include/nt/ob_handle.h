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

/* Of a handle that is asked for. Names, directories and security mean nothing here. */
typedef struct _OBJECT_ATTRIBUTES {
	ULONG Length;
	HANDLE RootDirectory;
	PUNICODE_STRING ObjectName;
	ULONG Attributes;
	PVOID SecurityDescriptor;
	PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
typedef const OBJECT_ATTRIBUTES *PCOBJECT_ATTRIBUTES;

#define OBJ_INHERIT 0x00000002
#define OBJ_PERMANENT 0x00000010
#define OBJ_EXCLUSIVE 0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF 0x00000080
#define OBJ_OPENLINK 0x00000100
#define OBJ_KERNEL_HANDLE 0x00000200
#define OBJ_FORCE_ACCESS_CHECK 0x00000400

NT_INLINE VOID InitializeObjectAttributes(POBJECT_ATTRIBUTES InitializedAttributes,
					  PUNICODE_STRING ObjectName, ULONG Attributes,
					  HANDLE RootDirectory, PVOID SecurityDescriptor)
{
	InitializedAttributes->Length = sizeof(OBJECT_ATTRIBUTES);
	InitializedAttributes->RootDirectory = RootDirectory;
	InitializedAttributes->ObjectName = ObjectName;
	InitializedAttributes->Attributes = Attributes;
	InitializedAttributes->SecurityDescriptor = SecurityDescriptor;
	InitializedAttributes->SecurityQualityOfService = NULL;
}

EXTERN_C_START

/* There is no object of these types: each handle is a mismatch. */
extern POBJECT_TYPE *ExSemaphoreObjectType;
extern POBJECT_TYPE *IoFileObjectType;

/* PASSIVE_LEVEL. ObjectType NULL takes an object of any type. */
NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess,
				   POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
				   PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation);
/* IRQL <= DISPATCH_LEVEL. */
LONG_PTR ObfReferenceObject(PVOID Object);
/* ObjectType NULL takes an object of any type from kernel mode. */
NTSTATUS ObReferenceObjectByPointer(PVOID Object, ACCESS_MASK DesiredAccess,
				    POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode);
LONG_PTR ObfDereferenceObject(PVOID Object);
VOID ObDereferenceObjectDeferDelete(PVOID Object);
/* PASSIVE_LEVEL. */
NTSTATUS ZwClose(HANDLE Handle);

EXTERN_C_END

/* For a thread of this process; nothing else takes it. */
#define NtCurrentProcess() ((HANDLE)(LONG_PTR)-1)
#define ZwCurrentProcess() NtCurrentProcess()

#define ObReferenceObject(Object) ObfReferenceObject(Object)
#define ObDereferenceObject(Object) ObfDereferenceObject(Object)

#endif /* NT_OB_HANDLE_H */
