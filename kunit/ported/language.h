/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What sources of Windows drivers take for granted of their compiler and of the
 * headers, in both languages. The includer defines PORTED(Name).
 */

#include "check.h"

__pragma(pack(push, 1)) typedef struct _PACKED_BY_WORD {
	UCHAR First;
	ULONG Second;
} PACKED_BY_WORD;
__pragma(pack(pop))

	C_ASSERT(sizeof(PACKED_BY_WORD) == 5);
C_ASSERT(LONG_MAX == MAXLONG && ULONG_MAX == MAXULONG && LLONG_MAX == MAXLONGLONG);
C_ASSERT(_KERNEL_MODE == 1);
C_ASSERT(sizeof(LONG) == 4 && sizeof(ULONG) == 4 && sizeof(NTSTATUS) == 4);
C_ASSERT(sizeof(LONGLONG) == 8 && sizeof(LARGE_INTEGER) == 8 && sizeof(INT) == 4);
C_ASSERT(sizeof(WCHAR) == 2 && sizeof(L'x') == 2 && sizeof(USHORT) == 2);
C_ASSERT(sizeof(BOOLEAN) == 1 && sizeof(UCHAR) == 1 && sizeof(KIRQL) == 1);
C_ASSERT(sizeof(HANDLE) == 8 && sizeof(PVOID) == 8 && sizeof(ULONG_PTR) == 8);
C_ASSERT(sizeof(SIZE_T) == 8 && sizeof(KAFFINITY) == 8 && sizeof(DWORD) == 4);
C_ASSERT(sizeof(size_t) == 8 && sizeof(ptrdiff_t) == 8 && sizeof(wchar_t) == 2);
C_ASSERT(sizeof(OBJECT_ATTRIBUTES) == 48 && offsetof(OBJECT_ATTRIBUTES, Attributes) == 24);

/* Signs, and the three ways to read a 64-bit number. */
const char *PORTED(TypesOfWindows)(void)
{
	LARGE_INTEGER Time;

	CHECK((LONG)-1 < 0 && (ULONG)-1 > 0 && (CHAR)-1 < 0 && (UCHAR)-1 > 0);
	CHECK((SIZE_T)-1 > 0 && (ULONG_PTR)-1 > 0 && (LONG_PTR)-1 < 0 && (WCHAR)-1 > 0);
	CHECK((NTSTATUS)0xc0000001 < 0 && !NT_SUCCESS((NTSTATUS)0xc0000001));
	Time.QuadPart = -2;
	CHECK(Time.LowPart == 0xfffffffeu && Time.HighPart == -1);
	CHECK(Time.u.LowPart == 0xfffffffeu && Time.u.HighPart == -1);
	Time.HighPart = 1;
	Time.LowPart = 2;
	CHECK(Time.QuadPart == 0x100000002ll);
	return NULL;
}

static LONGLONG PORTED(Twice)(LARGE_INTEGER Value)
{
	Value.QuadPart *= 2;
	return Value.QuadPart;
}

const char *PORTED(LargeIntegers)(void)
{
	LARGE_INTEGER Named = { .QuadPart = -10000 }, Halves = { { 1, 2 } };
	const LARGE_INTEGER Zero = { { 0, 0 } };

	CHECK(Named.QuadPart == -10000 && Zero.QuadPart == 0);
	CHECK(Halves.LowPart == 1 && Halves.HighPart == 2);
	CHECK(PORTED(Twice)(Named) == -20000 && Named.QuadPart == -10000);
	CHECK(Int32x32To64(-10000, 1000000) == -10000000000ll);
	CHECK(UInt32x32To64(MAXULONG, MAXULONG) == 0xfffffffe00000001ull);
	return NULL;
}

/* By the routines that older sources use. */
const char *PORTED(LargeIntegerRoutines)(void)
{
	const LARGE_INTEGER Minus = RtlConvertLongToLargeInteger(-1);
	const LARGE_INTEGER Ones = RtlConvertUlongToLargeInteger(MAXULONG);
	LARGE_INTEGER Whole = RtlEnlargedIntegerMultiply(-10000, 1000000);
	ULONG Rest = 0;

	CHECK(Minus.QuadPart == -1 && Ones.QuadPart == MAXULONG);
	CHECK(RtlLargeIntegerAdd(Ones, Minus).QuadPart == 0xfffffffell);
	CHECK(RtlLargeIntegerSubtract(Minus, Ones).QuadPart == -0x100000000ll);
	CHECK(RtlLargeIntegerNegate(Ones).QuadPart == -0xffffffffll);
	CHECK(Whole.QuadPart == -10000000000ll);
	CHECK(RtlExtendedIntegerMultiply(Whole, -2).QuadPart == 20000000000ll);
	Whole.QuadPart = 10000000007ll;
	CHECK(RtlExtendedLargeIntegerDivide(Whole, 10000000, &Rest).QuadPart == 1000);
	CHECK(Rest == 7 && RtlExtendedLargeIntegerDivide(Whole, 7, NULL).QuadPart == 1428571429);
	CHECK(Int64ShllMod32(1, 40) == 1ull << 40 && Int64ShraMod32(-4, 1) == -2);
	CHECK(Int64ShrlMod32(1ull << 63, 63) == 1);
	return NULL;
}

DRIVER_INITIALIZE PORTED(AnEntry);
_Use_decl_annotations_ static NTSTATUS NTAPI PORTED(NoDispatch)(PDEVICE_OBJECT DeviceObject,
								PIRP Irp);
static DRIVER_UNLOAD PORTED(AnUnload);
_Function_class_(KDEFERRED_ROUTINE) _IRQL_requires_(DISPATCH_LEVEL) static KDEFERRED_ROUTINE
	PORTED(ADeferred);
static KSTART_ROUTINE PORTED(AStart);
static EXT_CALLBACK PORTED(AnExpiry);
static EXT_DELETE_CALLBACK PORTED(ADelete);
static WORKER_THREAD_ROUTINE PORTED(AWorker);

_Dispatch_type_(IRP_MJ_CREATE) _Use_decl_annotations_ static NTSTATUS NTAPI
	PORTED(NoDispatch)(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
	UNREFERENCED_PARAMETER(DeviceObject);
	UNREFERENCED_PARAMETER(Irp);
	return STATUS_NOT_SUPPORTED;
}

static VOID PORTED(AnUnload)(struct _DRIVER_OBJECT *DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

static VOID PORTED(ADeferred)(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	InterlockedIncrement((volatile LONG *)Context);
}

static VOID PORTED(AStart)(PVOID Context)
{
	InterlockedIncrement((volatile LONG *)Context);
}

static VOID PORTED(AWorker)(PVOID Context)
{
	InterlockedIncrement((volatile LONG *)Context);
}

static VOID PORTED(AnExpiry)(PEX_TIMER Timer, PVOID Context)
{
	UNREFERENCED_PARAMETER(Timer);
	InterlockedIncrement((volatile LONG *)Context);
}

static VOID PORTED(ADelete)(PVOID Context)
{
	InterlockedIncrement((volatile LONG *)Context);
}

/* Numbers that travel as pointers, and places in a structure. */
const char *PORTED(NumbersAndPointers)(void)
{
	KDPC Dpc;

	CHECK(LongToPtr(-1) == (PVOID)(LONG_PTR)-1 && ULongToPtr(MAXULONG) == (PVOID)0xffffffff);
	CHECK(PtrToUlong(LongToPtr(-2)) == 0xfffffffeu && PtrToLong(LongToPtr(-2)) == -2);
	CHECK(HandleToULong(ULongToHandle(5)) == 5 && HandleToLong(LongToHandle(-5)) == -5);
	CHECK(ALIGN_UP_BY(4097, 4096) == 8192 && ALIGN_DOWN_BY(4097, 4096) == 4096);
	KeInitializeDpc(&Dpc, PORTED(ADeferred), &Dpc);
	CHECK(Dpc.DeferredRoutine == PORTED(ADeferred) && Dpc.DeferredContext == &Dpc);
	return NULL;
}

/* Each role is what the pointer type of that role points to. */
const char *PORTED(RolesAsDeclarations)(void)
{
	const PDRIVER_DISPATCH Dispatch = PORTED(NoDispatch);
	const PDRIVER_UNLOAD Unload = PORTED(AnUnload);
	const PKDEFERRED_ROUTINE Deferred = PORTED(ADeferred);
	const PKSTART_ROUTINE Start = PORTED(AStart);
	const PWORKER_THREAD_ROUTINE Worker = PORTED(AWorker);
	const PEXT_CALLBACK Expiry = PORTED(AnExpiry);
	const PEXT_DELETE_CALLBACK Delete = PORTED(ADelete);
	volatile LONG Calls = 0;
	PVOID Context = (PVOID)&Calls;

	CHECK(Dispatch(NULL, NULL) == STATUS_NOT_SUPPORTED);
	Unload(NULL);
	Deferred(NULL, Context, NULL, NULL);
	Start(Context);
	Worker(Context);
	Expiry(NULL, Context);
	Delete(Context);
	CHECK(Calls == 5);
	return NULL;
}

/* Annotations of today, and those of the sources of Windows 7. */
_Must_inspect_result_ _When_(return == 0, _Post_satisfies_(*Sum == First + Second))
	_IRQL_requires_max_(DISPATCH_LEVEL) _Success_(return >= 0) static NTSTATUS
	PORTED(AnnotatedToday)(_In_ LONG First, _In_opt_ const LONG *Second,
			       _In_reads_bytes_(Length) _When_(Length > 0, _Notnull_)
				       const VOID *Rest,
			       _In_range_(0, 16) ULONG Length,
			       _Out_ _Deref_out_range_(0, 99) PLONG Sum)
{
	_Analysis_assume_(Length == 0 || Rest != NULL);
	UNREFERENCED_PARAMETER(Rest);
	*Sum = First + (Second ? *Second : 0) + (LONG)Length;
	return STATUS_SUCCESS;
}

__checkReturn __drv_maxIRQL(DISPATCH_LEVEL) __drv_when(Length > 0, __drv_arg(Rest, __notnull))
	__success(return >= 0) static NTSTATUS
	PORTED(AnnotatedBefore)(__in LONG First, __in_opt const LONG *Second,
				__in_bcount(Length) const VOID *Rest, __in ULONG Length,
				__out PLONG Sum)
{
	return PORTED(AnnotatedToday)(First, Second, Rest, Length, Sum);
}

const char *PORTED(Annotations)(void)
{
	LONG Three = 3, Sum = 0;

	CHECK(PORTED(AnnotatedToday)(4, &Three, NULL, 0, &Sum) == STATUS_SUCCESS && Sum == 7);
	CHECK(PORTED(AnnotatedBefore)(4, NULL, &Three, 4, &Sum) == STATUS_SUCCESS && Sum == 8);
	return NULL;
}

#ifdef ALLOC_PRAGMA
#pragma alloc_text(PAGE, PORTED(AnUnload))
#endif
#pragma warning(disable: 4100 4201)
#pragma warning(push)
#pragma prefast(suppress: 28167, "a reason")
#pragma code_seg("PAGE")
#pragma data_seg()
#pragma intrinsic(_InterlockedIncrement)
#pragma region packed
#pragma pack(push, 1)
typedef struct PORTED(_PACKED) {
	UCHAR Kind;
	ULONG Value;
} PORTED(PACKED);
#pragma pack(pop)
#pragma endregion
#pragma comment(lib, "wdm.lib")
#pragma warning(pop)

typedef struct PORTED(_LOOSE) {
	UCHAR Kind;
	ULONG Value;
} PORTED(LOOSE);

const char *PORTED(Pragmas)(void)
{
	CHECK(sizeof(PORTED(PACKED)) == 5);
	CHECK(sizeof(PORTED(LOOSE)) == 8);
	return NULL;
}

const char *PORTED(CharacterConstants)(void)
{
	CHECK('Tag1' == 0x54616731);
	CHECK('ab' == 0x6162 && 'tseT' == 0x74736554);
	return NULL;
}

/* One calling convention has many names, and attributes more than one. */
static VOID NTAPI PORTED(OfNt)(PLONG Value)
{
	++*Value;
}

static VOID FASTCALL PORTED(OfFast)(PLONG Value)
{
	++*Value;
}

static void __cdecl PORTED(OfC)(PLONG Value)
{
	++*Value;
}

static __declspec(noinline) VOID __stdcall PORTED(OfStd)(IN OUT PLONG Value OPTIONAL)
{
	++*Value;
}

__forceinline VOID PORTED(OfInline)(PLONG Value)
{
	++*Value;
}

FORCEINLINE VOID PORTED(OfMacro)(PLONG Value)
{
	++*Value;
}

static FORCEINLINE VOID PORTED(OfStatic)(PLONG Value)
{
	++*Value;
}

VOID PORTED(OfDeclared)(PLONG Value);

FORCEINLINE VOID PORTED(OfDeclared)(PLONG Value)
{
	++*Value;
}

/* Uses routines that the headers have in line. */
FORCEINLINE VOID PORTED(OfHeaders)(PLONG Value)
{
	LIST_ENTRY Head, Entry;

	InitializeListHead(&Head);
	InsertTailList(&Head, &Entry);
	if (RemoveHeadList(&Head) == &Entry)
		InterlockedIncrement(Value);
}

typedef struct DECLSPEC_ALIGN(64) PORTED(_LINE) {
	LONG Value;
} PORTED(LINE);

typedef struct __declspec(align(32)) PORTED(_HALF_LINE) {
	__int64 Value;
} PORTED(HALF_LINE);

__declspec(selectany) LONG PORTED(Selected) = 5;

const char *PORTED(Conventions)(void)
{
	static VOID (*const All[])(PLONG) = {
		PORTED(OfNt), PORTED(OfFast), PORTED(OfC), PORTED(OfStd), PORTED(OfStatic),
	};
	UCHAR UNALIGNED Bytes[5] = { 0, 1, 0, 0, 0 };
	LONG Calls = 0;
	ULONG i;

	for (i = 0; i < ARRAYSIZE(All); i++)
		All[i](&Calls);
	PORTED(OfInline)(&Calls);
	PORTED(OfMacro)(&Calls);
	PORTED(OfDeclared)(&Calls);
	PORTED(OfHeaders)(&Calls);
	CHECK(Calls == 9);
	CHECK(sizeof(PORTED(LINE)) == 64 && sizeof(PORTED(HALF_LINE)) == 32);
	CHECK(PORTED(Selected) == 5 && *(ULONG UNALIGNED *)(Bytes + 1) == 1);
	return NULL;
}

const char *PORTED(Versions)(void)
{
	CHECK(_WIN32_WINNT == 0x0a00 && NTDDI_VERSION >= 0x0a000008);
#if !defined(_WIN64) || !(defined(_M_AMD64) && defined(_AMD64_) || defined(_M_ARM64))
	CHECK(!"the processor is named");
#endif
#if defined(_WIN32) || defined(_MSC_VER)
	CHECK(!"no other compiler is claimed");
#endif
#if NTDDI_VERSION < NTDDI_WIN10_VB
	CHECK(!"versions compare in the preprocessor");
#endif
#if NTDDI_VERSION >= NTDDI_WIN10_MN || NTDDI_VERSION >= NTDDI_WIN11_GE
	CHECK(!"later versions are later");
#endif
	return NULL;
}

DECLARE_GLOBAL_CONST_UNICODE_STRING(PORTED(Global), L"abcd");

const char *PORTED(CountedStrings)(void)
{
	static const WCHAR Text[] = L"\\Device\\Beat";
	DECLARE_CONST_UNICODE_STRING(Constant, L"abc");
	UNICODE_STRING String, Static = RTL_CONSTANT_STRING(L"abc");
	UNICODE_STRING Named = RTL_CONSTANT_STRING(Text);
	ANSI_STRING Narrow = RTL_CONSTANT_STRING("abc");

	RtlInitUnicodeString(&String, Text);
	CHECK(String.Length == 24 && String.MaximumLength == 26 && String.Buffer == Text);
	RtlInitUnicodeString(&String, NULL);
	CHECK(String.Length == 0 && String.MaximumLength == 0 && !String.Buffer);
	CHECK(Constant.Length == 6 && Constant.MaximumLength == 8);
	CHECK(Static.Length == 6 && Static.Buffer[2] == L'c' && Static.Buffer[3] == 0);
	CHECK(Named.Length == 24 && Named.MaximumLength == 26 && Named.Buffer == Text);
	CHECK(PORTED(Global).Length == 8 && PORTED(Global).Buffer[3] == L'd');
	CHECK(Narrow.Length == 3 && Narrow.MaximumLength == 4 && Narrow.Buffer[2] == 'c');
	RtlInitAnsiString(&Narrow, "abcd");
	CHECK(Narrow.Length == 4 && Narrow.MaximumLength == 5);
	RtlInitAnsiString(&Narrow, NULL);
	CHECK(Narrow.Length == 0 && Narrow.MaximumLength == 0 && !Narrow.Buffer);
	return NULL;
}

const char *PORTED(StringsKeepToTheirBuffer)(void)
{
	UNICODE_STRING Source = RTL_CONSTANT_STRING(L"abcdef");
	DECLARE_UNICODE_STRING_SIZE(Small, 4);
	DECLARE_UNICODE_STRING_SIZE(Large, 16);

	RtlCopyUnicodeString(&Small, &Source);
	CHECK(Small.Length == 8 && Small_buffer[3] == L'd');
	CHECK(RtlAppendUnicodeToString(&Small, L"x") == STATUS_BUFFER_TOO_SMALL);
	CHECK(Small.Length == 8 && Small_buffer[3] == L'd');
	RtlCopyUnicodeString(&Small, NULL);
	CHECK(Small.Length == 0 && Small_buffer[0] == 0);

	RtlCopyUnicodeString(&Large, &Source);
	CHECK(Large.Length == 12 && Large_buffer[6] == 0);
	CHECK(RtlAppendUnicodeToString(&Large, NULL) == STATUS_SUCCESS && Large.Length == 12);
	CHECK(RtlAppendUnicodeToString(&Large, L"gh") == STATUS_SUCCESS && Large.Length == 16);
	CHECK(Large_buffer[7] == L'h' && Large_buffer[8] == 0);
	CHECK(RtlAppendUnicodeStringToString(&Large, &Large) == STATUS_SUCCESS);
	CHECK(Large.Length == 32 && Large_buffer[15] == L'h');
	CHECK(RtlAppendUnicodeStringToString(&Large, &Source) == STATUS_BUFFER_TOO_SMALL);
	return NULL;
}

const char *PORTED(StringsCompare)(void)
{
	UNICODE_STRING Lower = RTL_CONSTANT_STRING(L"straight \u00e9");
	UNICODE_STRING Upper = RTL_CONSTANT_STRING(L"STRAIGHT \u00c9");
	UNICODE_STRING Short = RTL_CONSTANT_STRING(L"STRA");

	CHECK(RtlEqualUnicodeString(&Lower, &Upper, TRUE));
	CHECK(!RtlEqualUnicodeString(&Lower, &Upper, FALSE));
	CHECK(RtlCompareUnicodeString(&Lower, &Upper, FALSE) > 0);
	CHECK(RtlCompareUnicodeString(&Lower, &Upper, TRUE) == 0);
	CHECK(RtlCompareUnicodeString(&Short, &Upper, FALSE) < 0);
	CHECK(!RtlEqualUnicodeString(&Short, &Upper, TRUE));
	CHECK(RtlUpcaseUnicodeChar(L'z') == L'Z' && RtlUpcaseUnicodeChar(0x3b1) == 0x3b1);
	CHECK(RtlUpcaseUnicodeChar(0xe9) == 0xc9 && RtlUpcaseUnicodeChar(0xf7) == 0xf7);
	CHECK(RtlUpcaseUnicodeChar(0xdf) == 0xdf && RtlUpcaseUnicodeChar(0xff) == 0xff);
	CHECK(RtlCompareMemory("abcd", "abxd", 4) == 2 && RtlCompareMemory("ab", "ab", 2) == 2);
	CHECK(RtlEqualMemory("ab", "ab", 2) && !RtlEqualMemory("ab", "ac", 2));
	return NULL;
}

const char *PORTED(VersionAtRunTime)(void)
{
	RTL_OSVERSIONINFOEXW Whole;
	RTL_OSVERSIONINFOW Short;

	RtlFillMemory(&Whole, sizeof(Whole), 0xff);
	Whole.dwOSVersionInfoSize = sizeof(Whole);
	CHECK(RtlGetVersion((PRTL_OSVERSIONINFOW)&Whole) == STATUS_SUCCESS);
	CHECK(Whole.dwMajorVersion == 10 && Whole.dwMinorVersion == 0);
	CHECK(Whole.dwBuildNumber == 19041 && Whole.dwPlatformId == VER_PLATFORM_WIN32_NT);
	CHECK(Whole.szCSDVersion[0] == 0 && Whole.wServicePackMajor == 0);
	CHECK(Whole.wProductType == VER_NT_WORKSTATION);
	Short.dwOSVersionInfoSize = sizeof(Short);
	CHECK(RtlGetVersion(&Short) == STATUS_SUCCESS && Short.dwMajorVersion == 10);

	CHECK(RtlIsNtDdiVersionAvailable(NTDDI_WIN7));
	CHECK(RtlIsNtDdiVersionAvailable(NTDDI_VERSION));
	CHECK(!RtlIsNtDdiVersionAvailable(0x0a000009));
	return NULL;
}

static NTSTATUS PORTED(Verify)(ULONG Major, ULONG Minor, ULONG Build, ULONG Types, UCHAR Condition)
{
	RTL_OSVERSIONINFOEXW Wanted;
	ULONGLONG Mask = 0;

	RtlZeroMemory(&Wanted, sizeof(Wanted));
	Wanted.dwMajorVersion = Major;
	Wanted.dwMinorVersion = Minor;
	Wanted.dwBuildNumber = Build;
	VER_SET_CONDITION(Mask, Types, Condition);
	return RtlVerifyVersionInfo(&Wanted, Types, Mask);
}

const char *PORTED(VersionsByParts)(void)
{
	const ULONG Number = VER_MAJORVERSION | VER_MINORVERSION;

	CHECK(PORTED(Verify)(10, 0, 0, Number, VER_EQUAL) == STATUS_SUCCESS);
	CHECK(PORTED(Verify)(10, 0, 0, Number, VER_GREATER) == STATUS_REVISION_MISMATCH);
	/* 10.0 is greater than 6.3, though its second part is not. */
	CHECK(PORTED(Verify)(6, 3, 0, Number, VER_GREATER_EQUAL) == STATUS_SUCCESS);
	CHECK(PORTED(Verify)(6, 3, 0, Number, VER_GREATER) == STATUS_SUCCESS);
	CHECK(PORTED(Verify)(10, 1, 0, Number, VER_GREATER_EQUAL) == STATUS_REVISION_MISMATCH);
	CHECK(PORTED(Verify)(11, 0, 0, Number, VER_LESS) == STATUS_SUCCESS);
	CHECK(PORTED(Verify)(6, 3, 0, Number, VER_EQUAL) == STATUS_REVISION_MISMATCH);
	CHECK(PORTED(Verify)(0, 0, 19041, VER_BUILDNUMBER, VER_GREATER_EQUAL) == STATUS_SUCCESS);
	CHECK(PORTED(Verify)(0, 0, 19042, VER_BUILDNUMBER, VER_GREATER_EQUAL) ==
	      STATUS_REVISION_MISMATCH);
	CHECK(PORTED(Verify)(10, 0, 0, 0, VER_EQUAL) == STATUS_INVALID_PARAMETER);
	CHECK(PORTED(Verify)(10, 0, 0, VER_MAJORVERSION, 0) == STATUS_INVALID_PARAMETER);
	CHECK(PORTED(Verify)(10, 0, 0, VER_MAJORVERSION, VER_AND) == STATUS_INVALID_PARAMETER);
	return NULL;
}

static PVOID PORTED(Find)(PCWSTR Name)
{
	UNICODE_STRING String;

	RtlInitUnicodeString(&String, Name);
	return MmGetSystemRoutineAddress(&String);
}

/* A newer routine is looked for, and its predecessor is what there is. */
const char *PORTED(RoutinesByName)(void)
{
	CHECK(PORTED(Find)(L"KeSetCoalescableTimer") == (PVOID)KeSetCoalescableTimer);
	CHECK(PORTED(Find)(L"ExAllocateTimer") == (PVOID)ExAllocateTimer);
	CHECK(!PORTED(Find)(L"KeSetNoSuchTimer") && !PORTED(Find)(L"") && !PORTED(Find)(NULL));
	/* Case matters; nothing else of this kernel is a routine of Windows. */
	CHECK(!PORTED(Find)(L"kesettimer") && !PORTED(Find)(L"_printk"));
	CHECK(!PORTED(Find)(L"hrtimer_cancel") && !PORTED(Find)(L"nts_systimer_count"));
	CHECK(!PORTED(Find)(L"KeSetTimer\u0100") &&
	      !PORTED(Find)(L"0123456789012345678901234567890123456789012345678901234567890123"));
	return NULL;
}

DEFINE_GUID(PORTED(AnIdentifier), 0x12345678, 0x9abc, 0xdef0, 1, 2, 3, 4, 5, 6, 7, 8);

static BOOLEAN PORTED(IsEqual)(const GUID *First, const GUID *Second)
{
#ifdef __cplusplus
	return IsEqualGUID(*First, *Second) != 0;
#else
	return IsEqualGUID(First, Second) != 0;
#endif
}

#define PORTED_IOCTL CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_OUT_DIRECT, FILE_READ_ACCESS)

const char *PORTED(Identifiers)(void)
{
	const GUID Copy = PORTED(AnIdentifier);
	GUID Other = Copy;

	CHECK(sizeof(GUID) == 16 && Copy.Data1 == 0x12345678 && Copy.Data4[7] == 8);
	CHECK(PORTED(IsEqual)(&Copy, &PORTED(AnIdentifier)));
	Other.Data4[7]++;
	CHECK(!PORTED(IsEqual)(&Copy, &Other));
	CHECK(PORTED_IOCTL == 0x226002 && METHOD_FROM_CTL_CODE(PORTED_IOCTL) == METHOD_OUT_DIRECT);
	CHECK(DEVICE_TYPE_FROM_CTL_CODE(PORTED_IOCTL) == FILE_DEVICE_UNKNOWN);
	return NULL;
}

static LONG PORTED(Sum)(ULONG Count, ...)
{
	va_list List, Again;
	LONG Sum = 0;

	va_start(List, Count);
	va_copy(Again, List);
	for (; Count; Count--)
		Sum += va_arg(List, LONG);
	if (va_arg(Again, LONG) == 0)
		Sum = -1;
	va_end(Again);
	va_end(List);
	return Sum;
}

/* Not what the compiler works out beforehand. */
static CHAR *volatile PORTED(Unknown);

const char *PORTED(MemoryOfTheLibrary)(void)
{
	CHAR Bytes[16], Copy[sizeof(Bytes)];

	PORTED(Unknown) = Bytes;
	memset(PORTED(Unknown), 'x', sizeof(Bytes));
	CHECK(Bytes[0] == 'x' && Bytes[15] == 'x');
	CHECK(memcpy(Copy, PORTED(Unknown), sizeof(Copy)) == Copy);
	CHECK(memcmp(Copy, PORTED(Unknown), sizeof(Copy)) == 0);
	Bytes[0] = 'a';
	Bytes[1] = 'b';
	CHECK(memcmp(PORTED(Unknown), Copy, 1) < 0);
	memmove(PORTED(Unknown) + 1, PORTED(Unknown), 2);
	CHECK(Bytes[0] == 'a' && Bytes[1] == 'a' && Bytes[2] == 'b' && Bytes[3] == 'x');
	CHECK(PORTED(Sum)(3, 1, 2, 3) == 6);
	return NULL;
}

const char *PORTED(StringsOfTheLibrary)(void)
{
	CHAR Text[] = "one two";
	WCHAR Wide[] = L"one";

	PORTED(Unknown) = Text;
	CHECK(strlen(PORTED(Unknown)) == 7 && strcmp(PORTED(Unknown), "one two") == 0);
	CHECK(strcmp(PORTED(Unknown), "one") > 0 && strncmp(PORTED(Unknown), "one", 3) == 0);
	CHECK(strchr(PORTED(Unknown), 'o') == Text && strrchr(PORTED(Unknown), 'o') == Text + 6);
	CHECK(strstr(PORTED(Unknown), "two") == Text + 4 && !strstr(PORTED(Unknown), "three"));
	CHECK(wcslen(Wide) == 3 && wcscmp(Wide, L"one") == 0 && wcscmp(Wide, L"ones") < 0);
	CHECK(wcsncmp(Wide, L"ones", 3) == 0 && wcsncmp(Wide, L"onf", 3) < 0);
	return NULL;
}

/* A thread that is given attributes, as the documentation has it. */
const char *PORTED(AttributesOfObjects)(void)
{
	OBJECT_ATTRIBUTES Attributes;
	volatile LONG Calls = 0;
	HANDLE Handle = NULL;
	PVOID Thread = NULL;

	InitializeObjectAttributes(&Attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	CHECK(Attributes.Length == 48 && Attributes.Attributes == 0x200 && !Attributes.ObjectName);
	CHECK(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, &Attributes, NULL, NULL,
				   PORTED(AStart), (PVOID)&Calls) == STATUS_SUCCESS);
	CHECK(ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Thread,
					NULL) == STATUS_SUCCESS);
	CHECK(ZwClose(Handle) == STATUS_SUCCESS);
	CHECK(KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
	ObDereferenceObject(Thread);
	CHECK(Calls == 1);
	return NULL;
}
