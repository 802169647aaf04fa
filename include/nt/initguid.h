/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Identifiers of 128 bits. Elsewhere DEFINE_GUID declares one; a source that
 * includes this file defines those that follow.
 */
#ifndef NT_INITGUID_H
#define NT_INITGUID_H

#ifndef INITGUID
#define INITGUID
#endif

#include "guiddef.h"

#endif /* NT_INITGUID_H */
