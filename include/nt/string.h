/* SPDX-License-Identifier: GPL-2.0 */
/* Memory and strings, see crt.h. */
#ifndef NT_STRING_H
#define NT_STRING_H

#include "crt.h"

#endif /* NT_STRING_H */
