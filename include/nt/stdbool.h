/* SPDX-License-Identifier: GPL-2.0 */
/* C's own truth values, which C++ has without a header. A BOOLEAN is a byte. */
#ifndef NT_STDBOOL_H
#define NT_STDBOOL_H

#ifndef __cplusplus
#define bool _Bool
#define true 1
#define false 0
#endif
#define __bool_true_false_are_defined 1

#endif /* NT_STDBOOL_H */
