/* SPDX-License-Identifier: GPL-2.0 */
/* What drivers want to be called for when the system ends. */
#ifndef NTSHIM_BUGCHECK_CALLBACK_H
#define NTSHIM_BUGCHECK_CALLBACK_H

struct module;

void nts_bugcheck_callbacks_run(void);
void nts_bugcheck_callbacks_drop(const struct module *mod);
void nts_bugcheck_callbacks_start(void);
void nts_bugcheck_callbacks_stop(void);

#endif /* NTSHIM_BUGCHECK_CALLBACK_H */
