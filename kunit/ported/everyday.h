/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Small names that sources of drivers take for granted: numbers as text, the
 * other compiler's own functions, pages, C's integers, older routines. In both
 * languages; the includer defines PORTED(Name).
 */

#include "check.h"

C_ASSERT(sizeof(int8_t) == 1 && sizeof(uint16_t) == 2 && sizeof(int32_t) == 4);
C_ASSERT(sizeof(uint64_t) == 8 && sizeof(uintptr_t) == sizeof(PVOID) && sizeof(intmax_t) == 8);
C_ASSERT(sizeof(int_fast8_t) == 1 && sizeof(uint_fast16_t) == 4 && sizeof(int_least16_t) == 2);
C_ASSERT(sizeof(bool) == 1 && (bool)256 == true && !false);

/* The same types as those of Windows: a pointer to one is a pointer to the other. */
const char *PORTED(IntegersOfC)(void)
{
	uint32_t Value = UINT32_MAX;
	int64_t Large = INT64_MIN;
	ULONG *Unsigned = &Value;
	LONGLONG *Signed = &Large;

	CHECK(++*Unsigned == 0 && --*Signed == INT64_MAX);
	CHECK(INT8_MIN == -128 && UINT8_MAX == 255 && INT16_MIN == -32768 && UINT16_MAX == 0xffff);
	CHECK(INT32_MIN == MINLONG && UINT32_C(1) - 2 == MAXULONG);
	CHECK(UINT64_MAX == MAXULONG64 && UINT64_C(1) << 63 == UINT64_C(0x8000000000000000));
	CHECK((uintptr_t)-1 == UINTPTR_MAX && INT64_C(1) - 2 == -1 && SIZE_MAX == (size_t)-1);
	return NULL;
}

const char *PORTED(OlderVersions)(void)
{
#if NTDDI_WINXP >= NTDDI_WS03 || NTDDI_WS03 >= NTDDI_VISTA || NTDDI_VISTA >= NTDDI_WIN7
	CHECK(!"older versions are older");
#endif
#if NTDDI_WIN7 >= NTDDI_WIN8 || NTDDI_WIN8 >= NTDDI_WINBLUE || NTDDI_WINBLUE >= NTDDI_WIN10
	CHECK(!"newer versions are newer");
#endif
#if _WIN32_WINNT_WINXP >= _WIN32_WINNT_VISTA || _WIN32_WINNT < _WIN32_WINNT_VISTA
	CHECK(!"so are those of _WIN32_WINNT");
#endif
	CHECK(RtlIsNtDdiVersionAvailable(NTDDI_WINXP) &&
	      RtlIsNtDdiVersionAvailable(NTDDI_VISTASP1));
	return NULL;
}

/* The two top bits, and a few by their number. */
const char *PORTED(Statuses)(void)
{
	CHECK(NT_SUCCESS(STATUS_NOTIFY_ENUM_DIR) && NT_INFORMATION(STATUS_NO_YIELD_PERFORMED));
	CHECK(NT_WARNING(STATUS_DEVICE_OFF_LINE) && NT_ERROR(STATUS_CONNECTION_RESET));
	CHECK((ULONG)STATUS_NOT_A_DIRECTORY >> 30 == STATUS_SEVERITY_ERROR);
	CHECK(STATUS_DRIVER_INTERNAL_ERROR == (NTSTATUS)0xc0000183);
	CHECK(STATUS_PIPE_BROKEN == (NTSTATUS)0xc000014b &&
	      STATUS_PARTIAL_COPY == (NTSTATUS)0x8000000d);
	return NULL;
}

const char *PORTED(BugChecks)(void)
{
	CHECK(DRIVER_POWER_STATE_FAILURE == 0x9f && DRIVER_CORRUPTED_EXPOOL == 0xc5);
	CHECK(DRIVER_UNLOADED_WITHOUT_CANCELLING_PENDING_OPERATIONS == 0xce);
	CHECK(DRIVER_OVERRAN_STACK_BUFFER == 0xf7 && DRIVER_VIOLATION == 0x121);
	CHECK(MANUALLY_INITIATED_CRASH1 == 0xdeaddead);
	return NULL;
}

const char *PORTED(EmptyStrings)(void)
{
	CHAR Narrow[5] = "#";
	WCHAR Wide[5] = L"#";
	ANSI_STRING Ansi;
	UNICODE_STRING Unicode;

	RtlInitEmptyAnsiString(&Ansi, Narrow, sizeof(Narrow));
	CHECK(Ansi.Length == 0 && Ansi.MaximumLength == 5 && Ansi.Buffer == Narrow);
	RtlInitEmptyUnicodeString(&Unicode, Wide, sizeof(Wide));
	CHECK(Unicode.Length == 0 && Unicode.MaximumLength == 10 && Unicode.Buffer == Wide);
	CHECK(Narrow[0] == '#' && Wide[0] == '#');
	return NULL;
}

static ULONG PORTED(Read)(PCWSTR Text, ULONG Base)
{
	UNICODE_STRING String;
	ULONG Value = 0xdeadbeef;

	RtlInitUnicodeString(&String, Text);
	if (RtlUnicodeStringToInteger(&String, Base, &Value) != STATUS_SUCCESS)
		return 0xbad;
	return Value;
}

const char *PORTED(NumbersRead)(void)
{
	UNICODE_STRING String = RTL_CONSTANT_STRING(L"1234");
	ULONG Value = 99;

	CHECK(PORTED(Read)(L"1234", 10) == 1234 && PORTED(Read)(L"-12", 0) == (ULONG)-12);
	CHECK(PORTED(Read)(L" \t+7 8", 0) == 7 && PORTED(Read)(L"4294967295", 10) == MAXULONG);
	CHECK(PORTED(Read)(L"0x1Fg", 0) == 0x1f && PORTED(Read)(L"0o17", 0) == 15);
	CHECK(PORTED(Read)(L"-0b101", 0) == (ULONG)-5 && PORTED(Read)(L"0B1", 0) == 0);
	CHECK(PORTED(Read)(L"fF", 16) == 255 && PORTED(Read)(L"0x10", 16) == 0);
	CHECK(PORTED(Read)(L"1012", 2) == 5 && PORTED(Read)(L"778", 8) == 63);
	/* No digit, and the lowest bits of too many. */
	CHECK(PORTED(Read)(L"", 0) == 0 && PORTED(Read)(L"x", 0) == 0 &&
	      PORTED(Read)(L"0x", 0) == 0);
	CHECK(PORTED(Read)(L"\uff11", 0) == 0 && PORTED(Read)(L"1\u0132", 0) == 1);
	CHECK(PORTED(Read)(L"100000002", 16) == 2);
	/* Length counts, not an end mark. */
	String.Length = 2 * sizeof(WCHAR);
	CHECK(RtlUnicodeStringToInteger(&String, 0, &Value) == STATUS_SUCCESS && Value == 12);
	CHECK(RtlUnicodeStringToInteger(&String, 3, &Value) == STATUS_INVALID_PARAMETER);
	CHECK(Value == 12);
	return NULL;
}

const char *PORTED(NumbersWritten)(void)
{
	UNICODE_STRING Expected = RTL_CONSTANT_STRING(L"4294967295");
	DECLARE_UNICODE_STRING_SIZE(String, 32);
	ULONG i;

	String_buffer[2] = '#';
	CHECK(RtlIntegerToUnicodeString(0xbe, 16, &String) == STATUS_SUCCESS);
	CHECK(String.Length == 4 && String_buffer[0] == 'B' && String_buffer[1] == 'E');
	CHECK(String_buffer[2] == 0);
	CHECK(RtlIntegerToUnicodeString(MAXULONG, 0, &String) == STATUS_SUCCESS);
	CHECK(RtlEqualUnicodeString(&String, &Expected, FALSE));
	CHECK(RtlIntegerToUnicodeString(0, 8, &String) == STATUS_SUCCESS);
	CHECK(String.Length == 2 && String_buffer[0] == '0');
	CHECK(RtlIntegerToUnicodeString(1, 36, &String) == STATUS_INVALID_PARAMETER);
	CHECK(RtlIntegerToUnicodeString(MAXULONG, 2, &String) == STATUS_SUCCESS);
	CHECK(String.Length == sizeof(String_buffer));
	for (i = 0; i < 32; i++)
		CHECK(String_buffer[i] == '1');
	/* Exactly enough, without an end mark; and one too few. */
	String.MaximumLength = 3 * sizeof(WCHAR);
	CHECK(RtlIntegerToUnicodeString(100, 10, &String) == STATUS_SUCCESS);
	CHECK(String.Length == 6 && String_buffer[2] == '0' && String_buffer[3] == '1');
	CHECK(RtlIntegerToUnicodeString(2000, 10, &String) == STATUS_BUFFER_OVERFLOW);
	CHECK(String.Length == 6 && String_buffer[0] == '1');
	return NULL;
}

const char *PORTED(BitsFound)(void)
{
	unsigned long Long = 99;
	ULONG Index = 99;

	CHECK(!_BitScanForward(&Index, 0) && !_BitScanReverse(&Index, 0) && Index == 99);
	CHECK(!_BitScanForward64(&Long, 0) && !_BitScanReverse64(&Long, 0) && Long == 99);
	CHECK(_BitScanForward(&Index, 0x80000010) && Index == 4);
	CHECK(_BitScanReverse(&Index, 0x80000010) && Index == 31);
	CHECK(_BitScanForward64(&Index, 0x4000000100000000) && Index == 32);
	CHECK(_BitScanReverse64(&Index, 0x4000000100000000) && Index == 62);
	/* A driver's own long is written whole. */
	Long = MAXULONG64;
	CHECK(_BitScanForward(&Long, 1) && Long == 0);
	Long = MAXULONG64;
	CHECK(_BitScanReverse64(&Long, MAXULONG64) && Long == 63);
	CHECK(BitScanForward(&Index, 6) && Index == 1);
	return NULL;
}

const char *PORTED(BitsMoved)(void)
{
	CHECK(_rotl(0x80000001, 1) == 3 && _rotr(3, 1) == 0x80000001);
	CHECK(_rotl(0x12345678, 0) == 0x12345678 && _rotl(1, 33) == 2 &&
	      _rotl(1, -1) == 0x80000000);
	CHECK(_rotl64(0x8000000000000001, 4) == 0x18 && _rotr64(1, 1) == 0x8000000000000000);
	CHECK(_rotr64(5, 0) == 5 && _rotl64(1, 64) == 1);
	CHECK(_rotl8(0x81, 1) == 3 && _rotr8(1, 1) == 0x80 && _rotl16(0x8001, 4) == 0x18);
	CHECK(_rotr16(1, 4) == 0x1000 && RotateLeft32(1, 8) == 0x100);
	CHECK(_byteswap_ushort(0x1234) == 0x3412 && _byteswap_ulong(0x12345678) == 0x78563412);
	CHECK(_byteswap_uint64(0x0102030405060708) == 0x0807060504030201);
	CHECK(RtlUlongByteSwap(1) == 0x1000000 && RtlUshortByteSwap(1) == 0x100);
	return NULL;
}

static DECLSPEC_NOINLINE PVOID PORTED(GoesOnAt)(volatile LONG *Calls)
{
	InterlockedIncrement(Calls);
	return _ReturnAddress();
}

const char *PORTED(OfTheProcessor)(void)
{
	volatile LONG Calls = 0;
	PVOID First = PORTED(GoesOnAt)(&Calls), Second = PORTED(GoesOnAt)(&Calls);

	CHECK(First != Second && Calls == 2);
	YieldProcessor();
#ifdef _AMD64_
	ULONG64 Begin = __rdtsc(), End = Begin;
	LONG i;

	for (i = 0; i < 1000 && End == Begin; i++) {
		_mm_pause();
		End = ReadTimeStampCounter();
	}
	CHECK(End != Begin);
#endif
	return NULL;
}

const char *PORTED(Pages)(void)
{
	CHECK(PAGE_SIZE == 4096 && 1 << PAGE_SHIFT == PAGE_SIZE);
	CHECK(ROUND_TO_PAGES(0) == 0 && ROUND_TO_PAGES(1) == 4096 && ROUND_TO_PAGES(4096) == 4096);
	CHECK(ROUND_TO_PAGES(0x100000001ull) == 0x100001000ull);
	CHECK(BYTES_TO_PAGES(0) == 0 && BYTES_TO_PAGES(1) == 1 && BYTES_TO_PAGES(4097) == 2);
	CHECK(BYTES_TO_PAGES(MAXULONG) == 0x100000);
	CHECK(BYTE_OFFSET(0x12345678) == 0x678 && PAGE_ALIGN(0x12345678) == (PVOID)0x12345000);
	CHECK(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)0xfff, 2) == 2);
	CHECK(ADDRESS_AND_SIZE_TO_SPAN_PAGES((PVOID)0x1000, 4096) == 1);
	return NULL;
}

/* On processor 0, the only one that is always there. */
const char *PORTED(OlderAffinity)(void)
{
	KAFFINITY Before = KeSetSystemAffinityThreadEx(0);

	KeSetSystemAffinityThread(1);
	CHECK(KeGetCurrentProcessorNumber() == 0);
	CHECK(KeSetSystemAffinityThreadEx(1) == 1);
	KeRevertToUserAffinityThread();
	CHECK(KeSetSystemAffinityThreadEx(0) == 0 && Before == 0);
	return NULL;
}

static VOID PORTED(Ends)(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
}

static const char *PORTED(KeepThread)(PVOID Thread)
{
	KIRQL OldIrql;
	NTSTATUS Status;

	CHECK(ObReferenceObjectByPointer(Thread, SYNCHRONIZE, *PsThreadType, KernelMode) ==
	      STATUS_SUCCESS);
	ObDereferenceObject(Thread);
	CHECK(ObReferenceObjectByPointer(Thread, SYNCHRONIZE, *PsThreadType, UserMode) ==
	      STATUS_SUCCESS);
	ObDereferenceObject(Thread);
	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	Status = ObReferenceObjectByPointer(Thread, 0, NULL, KernelMode);
	KeLowerIrql(OldIrql);
	CHECK(Status == STATUS_SUCCESS);
	ObDereferenceObject(Thread);
	CHECK(ObReferenceObjectByPointer(Thread, 0, NULL, UserMode) == STATUS_OBJECT_TYPE_MISMATCH);
	return NULL;
}

const char *PORTED(ThreadsByPointer)(void)
{
	const char *Failed;
	HANDLE Handle = NULL;
	PVOID Thread = NULL;

	CHECK(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), NULL,
				   PORTED(Ends), NULL) == STATUS_SUCCESS);
	CHECK(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Thread,
					NULL) == STATUS_SUCCESS);
	ZwClose(Handle);
	Failed = PORTED(KeepThread)(Thread);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(Thread);
	return Failed;
}

/* Each success is one reference more, nothing else is. */
const char *PORTED(EventsByPointer)(void)
{
	UNICODE_STRING Name = RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\EventByPointer");
	HANDLE Handle = NULL;
	PKEVENT Event = IoCreateNotificationEvent(&Name, &Handle);
	LONG_PTR Count;

	CHECK(Event);
	Count = ObfReferenceObject(Event);
	CHECK(ObReferenceObjectByPointer(Event, 0, NULL, KernelMode) == STATUS_SUCCESS);
	CHECK(ObfDereferenceObject(Event) == Count);
	CHECK(ObReferenceObjectByPointer(Event, EVENT_ALL_ACCESS, *ExEventObjectType, UserMode) ==
	      STATUS_SUCCESS);
	CHECK(ObfDereferenceObject(Event) == Count);
	CHECK(ObReferenceObjectByPointer(Event, 0, *PsThreadType, KernelMode) ==
	      STATUS_OBJECT_TYPE_MISMATCH);
	CHECK(ObfDereferenceObject(Event) == Count - 1);
	CHECK(ZwClose(Handle) == STATUS_SUCCESS);
	return NULL;
}

/* What is no object of the system's: reported. */
const char *PORTED(NothingByPointer)(void)
{
	KEVENT Event;

	KeInitializeEvent(&Event, NotificationEvent, FALSE);
	CHECK(ObReferenceObjectByPointer(&Event, 0, NULL, KernelMode) == STATUS_INVALID_PARAMETER);
	return NULL;
}
