/* SPDX-License-Identifier: GPL-2.0 */
/* What the other compiler knows without a function: interlocked operations. */
#ifndef NT_INTRIN_H
#define NT_INTRIN_H

#include "ex_interlocked.h"

#endif /* NT_INTRIN_H */
