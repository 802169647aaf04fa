/* SPDX-License-Identifier: GPL-2.0 */
/* A driver's own object, and the routines it is entered and left by. */
#ifndef NT_IO_DRIVER_H
#define NT_IO_DRIVER_H

#include "nt_layout.h"
#include "ntdef.h"

#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

typedef struct _DEVICE_OBJECT *PDEVICE_OBJECT;
typedef struct _IRP *PIRP;
typedef struct _DRIVER_EXTENSION *PDRIVER_EXTENSION;
typedef struct _FAST_IO_DISPATCH *PFAST_IO_DISPATCH;
struct _DRIVER_OBJECT;

/* PASSIVE_LEVEL. A failing status makes the load fail; Unload is not called. */
typedef NTSTATUS DRIVER_INITIALIZE(struct _DRIVER_OBJECT *DriverObject,
				   PUNICODE_STRING RegistryPath);
typedef DRIVER_INITIALIZE *PDRIVER_INITIALIZE;
typedef VOID DRIVER_UNLOAD(struct _DRIVER_OBJECT *DriverObject);
typedef DRIVER_UNLOAD *PDRIVER_UNLOAD;
typedef VOID DRIVER_STARTIO(PDEVICE_OBJECT DeviceObject, PIRP Irp);
typedef DRIVER_STARTIO *PDRIVER_STARTIO;
typedef NTSTATUS DRIVER_DISPATCH(PDEVICE_OBJECT DeviceObject, PIRP Irp);
typedef DRIVER_DISPATCH *PDRIVER_DISPATCH;
typedef NTSTATUS DRIVER_ADD_DEVICE(struct _DRIVER_OBJECT *DriverObject,
				   PDEVICE_OBJECT PhysicalDeviceObject);
typedef DRIVER_ADD_DEVICE *PDRIVER_ADD_DEVICE;

/* AddDevice is never called: there is no plug and play. */
typedef struct _DRIVER_EXTENSION {
	struct _DRIVER_OBJECT *DriverObject;
	PDRIVER_ADD_DEVICE AddDevice;
	ULONG Count;
	UNICODE_STRING ServiceKeyName;
} DRIVER_EXTENSION;

C_ASSERT(sizeof(DRIVER_EXTENSION) == NT_LAYOUT_DRIVER_EXTENSION_SIZE);

/*
 * A driver without DriverUnload stays loaded. A MajorFunction that the driver
 * does not set refuses every request.
 */
typedef struct _DRIVER_OBJECT {
	CSHORT Type;
	CSHORT Size;
	PDEVICE_OBJECT DeviceObject;
	ULONG Flags;
	PVOID DriverStart;
	ULONG DriverSize;
	PVOID DriverSection;
	PDRIVER_EXTENSION DriverExtension;
	UNICODE_STRING DriverName;
	PUNICODE_STRING HardwareDatabase;
	PFAST_IO_DISPATCH FastIoDispatch;
	PDRIVER_INITIALIZE DriverInit;
	PDRIVER_STARTIO DriverStartIo;
	PDRIVER_UNLOAD DriverUnload;
	PDRIVER_DISPATCH MajorFunction[IRP_MJ_MAXIMUM_FUNCTION + 1];
} DRIVER_OBJECT, *PDRIVER_OBJECT;

C_ASSERT(sizeof(DRIVER_OBJECT) == NT_LAYOUT_DRIVER_OBJECT_SIZE);
C_ASSERT(FIELD_OFFSET(DRIVER_OBJECT, DriverStart) == NT_LAYOUT_DRIVER_START);
C_ASSERT(FIELD_OFFSET(DRIVER_OBJECT, DriverExtension) == NT_LAYOUT_DRIVER_EXTENSION);
C_ASSERT(FIELD_OFFSET(DRIVER_OBJECT, DriverName) == NT_LAYOUT_DRIVER_NAME);
C_ASSERT(FIELD_OFFSET(DRIVER_OBJECT, DriverInit) == NT_LAYOUT_DRIVER_INIT);
C_ASSERT(FIELD_OFFSET(DRIVER_OBJECT, DriverUnload) == NT_LAYOUT_DRIVER_UNLOAD);

EXTERN_C_START

DRIVER_INITIALIZE DriverEntry;

EXTERN_C_END

#endif /* NT_IO_DRIVER_H */
