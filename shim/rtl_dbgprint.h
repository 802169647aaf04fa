/* SPDX-License-Identifier: GPL-2.0 */
/* What debug output has for the module's own life. */
#ifndef NTSHIM_RTL_DBGPRINT_H
#define NTSHIM_RTL_DBGPRINT_H

void nts_dbgprint_stop(void);

#endif /* NTSHIM_RTL_DBGPRINT_H */
