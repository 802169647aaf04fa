/* SPDX-License-Identifier: GPL-2.0 */
/* The headers of all objects that a driver of any kind uses. */
#ifndef WDM_H
#define WDM_H

#include "sal.h"
#include "ntdef.h"
#include "ntstatus.h"
#include "rtl_list.h"
#include "rtl_string.h"
#include "dbg.h"
#include "ex_interlocked.h"
#include "ex_slist.h"
#include "ex_pool.h"
#include "ex_timer.h"
#include "ke_irql.h"
#include "ke_spinlock.h"
#include "ex_rwlock.h"
#include "ke_region.h"
#include "ex_mutex.h"
#include "ex_interlocked_list.h"
#include "ke_object.h"
#include "ke_dpc.h"
#include "ke_timer.h"
#include "ke_event.h"
#include "ke_mutex.h"
#include "ke_semaphore.h"
#include "ke_wait.h"
#include "ke_time.h"
#include "ex_time.h"
#include "ke_bugcheck.h"
#include "excpt.h"
#include "ob_handle.h"
#include "ps_thread.h"
#include "io_driver.h"
#include "ex_work.h"

#endif /* WDM_H */
