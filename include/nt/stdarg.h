/* SPDX-License-Identifier: GPL-2.0 */
/* Argument lists, see crt.h. */
#ifndef NT_STDARG_H
#define NT_STDARG_H

#include "crt.h"

#endif /* NT_STDARG_H */
