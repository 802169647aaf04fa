/* SPDX-License-Identifier: GPL-2.0 */
/* Annotations of drivers under the name that older sources include. */
#ifndef NT_DRIVERSPECS_H
#define NT_DRIVERSPECS_H

#include "sal.h"

#endif /* NT_DRIVERSPECS_H */
