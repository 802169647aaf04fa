/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Structured exception handling compiles and never happens: nothing raises, so
 * a handler of __except is never entered, and one of __finally runs after its
 * block. __leave ends the innermost block.
 *
 * A return, goto, break or continue out of a block with __finally would go past
 * the handler; the build of a driver refuses such a source.
 */
#ifndef NT_EXCPT_H
#define NT_EXCPT_H

#include "ntdef.h"

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

/* For handlers that never run; nobody fills one. */
#define EXCEPTION_MAXIMUM_PARAMETERS 15
typedef struct _CONTEXT *PCONTEXT;
typedef struct _EXCEPTION_RECORD {
	NTSTATUS ExceptionCode;
	ULONG ExceptionFlags;
	struct _EXCEPTION_RECORD *ExceptionRecord;
	PVOID ExceptionAddress;
	ULONG NumberParameters;
	ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;
typedef struct _EXCEPTION_POINTERS {
	PEXCEPTION_RECORD ExceptionRecord;
	PCONTEXT ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;

/* The formatter knows these words, and not as macros. */
/* clang-format off */
/* A label of the block's own, so that several blocks may stand in one function. */
#define __try \
	{ \
		__label__ NtEndOfTry;
#define __except(Filter) \
		goto NtEndOfTry; \
	NtEndOfTry:; \
	} \
	if (0 && (Filter))
#define __finally \
		goto NtEndOfTry; \
	NtEndOfTry:; \
	}
/* clang-format on */
#define __leave goto NtEndOfTry
#define GetExceptionCode() ((ULONG)0)
#define GetExceptionInformation() ((PEXCEPTION_POINTERS)NULL)
#define AbnormalTermination() 0

#endif /* NT_EXCPT_H */
