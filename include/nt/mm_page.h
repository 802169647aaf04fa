/* SPDX-License-Identifier: GPL-2.0 */
/* Pages as Windows counts them, whatever the kernel's are: of 4096 bytes. */
#ifndef NT_MM_PAGE_H
#define NT_MM_PAGE_H

#include "ntdef.h"

#define PAGE_SHIFT 12
#define PAGE_SIZE 0x1000

/* A size up to the next whole page, and in pages, of which the last may be a part. */
#define ROUND_TO_PAGES(Size) (((ULONG_PTR)(Size) + PAGE_SIZE - 1) & ~((ULONG_PTR)PAGE_SIZE - 1))
#define BYTES_TO_PAGES(Size) \
	(((ULONG_PTR)(Size) >> PAGE_SHIFT) + (((ULONG_PTR)(Size) & (PAGE_SIZE - 1)) != 0))
/* Of an address: its place in its page, and the page's start. */
#define BYTE_OFFSET(Va) ((ULONG)((ULONG_PTR)(Va) & (PAGE_SIZE - 1)))
#define PAGE_ALIGN(Va) ((PVOID)((ULONG_PTR)(Va) & ~((ULONG_PTR)PAGE_SIZE - 1)))
/* Pages that Size bytes from there on touch. */
#define ADDRESS_AND_SIZE_TO_SPAN_PAGES(Va, Size) \
	((ULONG)BYTES_TO_PAGES(BYTE_OFFSET(Va) + (ULONG_PTR)(Size)))

#endif /* NT_MM_PAGE_H */
