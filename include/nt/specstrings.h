/* SPDX-License-Identifier: GPL-2.0 */
/* Annotations under the name that older sources include. */
#ifndef NT_SPECSTRINGS_H
#define NT_SPECSTRINGS_H

#include "sal.h"

#endif /* NT_SPECSTRINGS_H */
