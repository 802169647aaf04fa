/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rtl_strsafe.c, rtl_string.c, rtl_time.c and rtl_version.c export, in Linux
 * types of the same ABI; see nt_api.h.
 */
#ifndef NTSHIM_RTL_API_H
#define NTSHIM_RTL_API_H

#include <linux/stdarg.h>
#include <linux/types.h>

#include "driver.h"

/**
 * struct nts_ansi_string - ANSI_STRING
 * @length: bytes in use
 * @maximum_length: bytes there are
 * @buffer: 8-bit characters, no end mark needed
 */
struct nts_ansi_string {
	u16 length;
	u16 maximum_length;
	char *buffer;
};

/**
 * struct nts_time_fields - TIME_FIELDS
 * @year: 1601 and later
 * @month: 1 to 12
 * @day: 1 to 31
 * @hour: 0 to 23
 * @minute: 0 to 59
 * @second: 0 to 59
 * @milliseconds: 0 to 999
 * @weekday: 0: Sunday
 */
struct nts_time_fields {
	s16 year;
	s16 month;
	s16 day;
	s16 hour;
	s16 minute;
	s16 second;
	s16 milliseconds;
	s16 weekday;
};

/**
 * struct nts_os_version - OSVERSIONINFOEXW; OSVERSIONINFOW ends before @sp_major
 * @size: of the structure, in bytes
 * @major: version
 * @minor: version
 * @build: number of the build
 * @platform: 2: Windows NT
 * @service_pack: its name, UTF-16, terminated
 * @sp_major: service pack
 * @sp_minor: service pack
 * @suites: bits of what is installed
 * @product: 1: workstation
 * @reserved: 0
 */
struct nts_os_version {
	u32 size;
	u32 major;
	u32 minor;
	u32 build;
	u32 platform;
	u16 service_pack[128];
	u16 sp_major;
	u16 sp_minor;
	u16 suites;
	u8 product;
	u8 reserved;
};

size_t nts_wide_length(const u16 *text);

void RtlInitUnicodeString(struct nts_unicode_string *string, const u16 *source);
void RtlInitAnsiString(struct nts_ansi_string *string, const char *source);
void RtlCopyUnicodeString(struct nts_unicode_string *to,
			  const struct nts_unicode_string *from);
s32 RtlAppendUnicodeToString(struct nts_unicode_string *to, const u16 *from);
s32 RtlAppendUnicodeStringToString(struct nts_unicode_string *to,
				   const struct nts_unicode_string *from);
s32 RtlCompareUnicodeString(const struct nts_unicode_string *first,
			    const struct nts_unicode_string *second,
			    u8 ignore_case);
u8 RtlEqualUnicodeString(const struct nts_unicode_string *first,
			 const struct nts_unicode_string *second,
			 u8 ignore_case);
u16 RtlUpcaseUnicodeChar(u16 character);
s32 RtlUnicodeStringToInteger(const struct nts_unicode_string *string, u32 base,
			      u32 *value);
s32 RtlIntegerToUnicodeString(u32 value, u32 base,
			      struct nts_unicode_string *string);
size_t RtlCompareMemory(const void *first, const void *second, size_t length);

s32 RtlStringCchVPrintfA(char *to, size_t count, const char *format,
			 va_list args);
s32 RtlStringCchVPrintfW(u16 *to, size_t count, const u16 *format,
			 va_list args);
s32 RtlStringCbVPrintfA(char *to, size_t bytes, const char *format,
			va_list args);
s32 RtlStringCbVPrintfW(u16 *to, size_t bytes, const u16 *format, va_list args);
s32 RtlStringCchPrintfA(char *to, size_t count, const char *format, ...);
s32 RtlStringCchPrintfW(u16 *to, size_t count, const u16 *format, ...);
s32 RtlStringCbPrintfA(char *to, size_t bytes, const char *format, ...);
s32 RtlStringCbPrintfW(u16 *to, size_t bytes, const u16 *format, ...);
s32 RtlUnicodeStringVPrintf(struct nts_unicode_string *to, const u16 *format,
			    va_list args);
s32 RtlUnicodeStringPrintf(struct nts_unicode_string *to, const u16 *format,
			   ...);

void RtlTimeToTimeFields(const s64 *time, struct nts_time_fields *fields);
u8 RtlTimeFieldsToTime(const struct nts_time_fields *fields, s64 *time);
u8 RtlTimeToSecondsSince1970(const s64 *time, u32 *elapsed_sec);
u8 RtlTimeToSecondsSince1980(const s64 *time, u32 *elapsed_sec);
void RtlSecondsSince1970ToTime(u32 elapsed_sec, s64 *time);
void RtlSecondsSince1980ToTime(u32 elapsed_sec, s64 *time);

s32 RtlGetVersion(struct nts_os_version *version);
s32 RtlVerifyVersionInfo(const struct nts_os_version *wanted, u32 types,
			 u64 conditions);
u64 VerSetConditionMask(u64 conditions, u32 types, u8 condition);
u8 RtlIsNtDdiVersionAvailable(u32 version);
void *MmGetSystemRoutineAddress(const struct nts_unicode_string *name);

#endif /* NTSHIM_RTL_API_H */
