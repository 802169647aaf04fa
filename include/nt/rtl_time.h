/* SPDX-License-Identifier: GPL-2.0 */
/* Instants of system time as dates. Any IRQL. */
#ifndef NT_RTL_TIME_H
#define NT_RTL_TIME_H

#include "ntdef.h"
#include "sal.h"

typedef struct _TIME_FIELDS {
	CSHORT Year;  /* 1601 and later */
	CSHORT Month; /* 1 to 12 */
	CSHORT Day;   /* 1 to 31 */
	CSHORT Hour;
	CSHORT Minute;
	CSHORT Second;
	CSHORT Milliseconds;
	CSHORT Weekday; /* 0: Sunday; not read */
} TIME_FIELDS, *PTIME_FIELDS;

EXTERN_C_START

NTSYSAPI VOID NTAPI RtlTimeToTimeFields(_In_ PLARGE_INTEGER Time, _Out_ PTIME_FIELDS TimeFields);
/* FALSE if the fields are no date; Time is left as it is then. */
NTSYSAPI BOOLEAN NTAPI RtlTimeFieldsToTime(_In_ PTIME_FIELDS TimeFields, _Out_ PLARGE_INTEGER Time);

EXTERN_C_END

#endif /* NT_RTL_TIME_H */
