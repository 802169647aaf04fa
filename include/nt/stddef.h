/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes and NULL, see crt.h. */
#ifndef NT_STDDEF_H
#define NT_STDDEF_H

#include "crt.h"

#endif /* NT_STDDEF_H */
