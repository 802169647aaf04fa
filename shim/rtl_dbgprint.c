// SPDX-License-Identifier: GPL-2.0
/*
 * DbgPrint: text from drivers to the kernel log, a line at a time. Pieces of a
 * line are kept until its end, apart for each thread and for each processor's
 * interrupts.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/export.h>
#include <linux/jhash.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "irql.h"
#include "nt_api.h"
#include "report.h"
#include "rtl_dbgprint.h"
#include "rtl_format.h"
#include "status.h"

/* What Windows takes from one call (G-DBG-03). */
#define LINE_SIZE 512

/* Lines that can be unfinished at a time. */
#define NR_LINES 16

/* DPFLTR_xxx */
#define COMPONENT_DEFAULT 101
#define COMPONENT_IHVDRIVER 77
#define LEVEL_INFO 3

static unsigned int dbgprint_mask = U32_MAX;
module_param(dbgprint_mask, uint, 0644);
MODULE_PARM_DESC(dbgprint_mask,
		 "Levels of DbgPrintEx that are shown, a bit for each (default all)");

static unsigned int dbgprint_burst = 10;
module_param(dbgprint_burst, uint, 0644);
MODULE_PARM_DESC(dbgprint_burst,
		 "How often a second a line of the same text is printed (default 10, 0: always)");

/**
 * struct line - an unfinished line
 * @owner: who writes it, see line_owner(); 0: free
 * @driver: where its first piece came from
 * @length: characters so far
 * @text: not terminated
 */
struct line {
	unsigned long owner;
	unsigned long driver;
	unsigned int length;
	char text[LINE_SIZE];
};

/**
 * struct repeated - a line that was printed lately
 * @key: of its text
 * @since: jiffies at the first of @count
 * @count: how often it came since then
 */
struct repeated {
	u64 key;
	unsigned long since;
	unsigned int count;
};

/* Lines that are told apart; the oldest gives way. */
#define NR_REPEATED 16

static DEFINE_RAW_SPINLOCK(lines_lock);
static struct repeated repeated_lines[NR_REPEATED];
static struct line lines[NR_LINES];

/* Odd for interrupts and softirqs of a processor, else the task. */
static unsigned long line_owner(void)
{
	if (in_task())
		return (unsigned long)current;
	return raw_smp_processor_id() * 4 + (in_hardirq() ? 3 : 1);
}

static bool is_next(const struct repeated *repeated, u64 key,
		    const struct repeated *oldest)
{
	return repeated->key == key ||
	       (oldest->key != key &&
		time_before(repeated->since, oldest->since));
}

/* The entry of @key, or the oldest one. */
static struct repeated *find_repeated_locked(u64 key)
{
	struct repeated *found = &repeated_lines[0];
	unsigned int i;

	for (i = 1; i < NR_REPEATED; i++)
		if (is_next(&repeated_lines[i], key, found))
			found = &repeated_lines[i];
	return found;
}

/**
 * nts_dbgprint_limit() - whether a line may be printed once more
 * @key: of its text
 * @now: jiffies
 * @burst: so many a second; 0: all
 * @left_out: receives how many of the last second were not printed
 *
 * Context: any but NMI.
 * Return: false if it has been printed @burst times in this second.
 * Source: G-DBG-09.
 * Test: ntshim_debug:repeated_lines_are_limited
 */
bool nts_dbgprint_limit(u64 key, unsigned long now, unsigned int burst,
			unsigned int *left_out)
{
	struct repeated *repeated;
	unsigned long flags;
	bool allowed;

	*left_out = 0;
	if (!burst)
		return true;
	raw_spin_lock_irqsave(&lines_lock, flags);
	repeated = find_repeated_locked(key);
	if (repeated->key != key || !time_before(now, repeated->since + HZ)) {
		if (repeated->key == key && repeated->count > burst)
			*left_out = repeated->count - burst;
		repeated->key = key;
		repeated->since = now;
		repeated->count = 0;
	}
	allowed = ++repeated->count <= burst;
	raw_spin_unlock_irqrestore(&lines_lock, flags);
	return allowed;
}
NTS_EXPORT_INTERNAL(nts_dbgprint_limit);

static u64 key_of(const char *text, int length)
{
	return (u64)jhash(text, length, 0) << 32 | jhash(text, length, 1);
}

static noinline void print_line(unsigned long driver, const char *text,
				int length)
{
	char name[MODULE_NAME_LEN];
	unsigned int left_out;

	if (!nts_dbgprint_limit(key_of(text, length), jiffies,
				READ_ONCE(dbgprint_burst), &left_out))
		return;
	nts_driver_name(driver, name, sizeof(name));
	printk(KERN_INFO "%s: %.*s\n", name, length, text);
	if (left_out)
		printk(KERN_INFO "%s: (that line %u times more)\n", name,
		       left_out);
}

static struct line *find_line_locked(unsigned long owner)
{
	unsigned int i;

	for (i = 0; i < NR_LINES; i++)
		if (lines[i].owner == owner)
			return &lines[i];
	return NULL;
}

/*
 * Take what the owner has kept out of its line, into the start of @text; the
 * line is free then. Returns the length.
 */
static unsigned int take_kept(unsigned long owner, char *text,
			      unsigned long *driver)
{
	unsigned int length = 0;
	unsigned long flags;
	struct line *line;

	raw_spin_lock_irqsave(&lines_lock, flags);
	line = find_line_locked(owner);
	if (line) {
		length = line->length;
		memcpy(text, line->text, length);
		*driver = line->driver;
		line->owner = 0;
	}
	raw_spin_unlock_irqrestore(&lines_lock, flags);
	return length;
}

/* Keep the start of a line; false if there is no room for another one. */
static bool keep(unsigned long owner, unsigned long driver, const char *text,
		 unsigned int length)
{
	unsigned long flags;
	struct line *line;

	raw_spin_lock_irqsave(&lines_lock, flags);
	line = find_line_locked(0);
	if (line) {
		line->owner = owner;
		line->driver = driver;
		line->length = length;
		memcpy(line->text, text, length);
	}
	raw_spin_unlock_irqrestore(&lines_lock, flags);
	return line;
}

/* Print the whole lines of @text, keep what is left of it. */
static void put_lines(unsigned long owner, unsigned long driver,
		      const char *text, unsigned int length)
{
	const char *end;

	while ((end = memchr(text, '\n', length))) {
		print_line(driver, text, end - text);
		length -= end + 1 - text;
		text = end + 1;
	}
	if (length && !keep(owner, driver, text, length))
		print_line(driver, text, length);
}

/* Returns its length; what does not fit is cut off. */
static unsigned int put_prefix(char *text, size_t size, const char *prefix)
{
	unsigned int length;

	if (!prefix)
		return 0;
	length = strnlen(prefix, size - 1);
	memcpy(text, prefix, length);
	return length;
}

static noinline void debug_print(unsigned long driver, const char *prefix,
				 const char *format, va_list args)
{
	unsigned long owner = line_owner();
	unsigned long caller = driver;
	char text[LINE_SIZE];
	unsigned int length;
	bool wide;

	length = take_kept(owner, text, &driver);
	if (length >= LINE_SIZE / 2) {
		print_line(driver, text, length);
		length = 0;
	}
	length += put_prefix(text + length, sizeof(text) - length, prefix);
	length += nts_format(text + length, sizeof(text) - length, format, args,
			     &wide);
	put_lines(owner, driver, text, length);
	if (wide && nts_irql_current() > NTS_PASSIVE_LEVEL)
		nts_misuse_at(caller, "G-DBG-04", NULL,
			      "16-bit characters printed above PASSIVE_LEVEL, where Windows cannot");
}

/**
 * nts_dbgprint_is_shown() - whether the filter lets a message through
 * @component: DPFLTR_xxx_ID
 * @level: 0 to 31: number of a bit; else a mask of such bits
 * @shown: bits that are shown
 *
 * Context: any.
 * Return: true for a level that is shown of a component that is; of all
 * components errors are.
 * Source: G-DBG-01.
 * Test: ntshim_debug:filter_knows_component_and_level
 */
bool nts_dbgprint_is_shown(u32 component, u32 level, u32 shown)
{
	u32 mask = level < 32 ? 1u << level : level;

	return (component == COMPONENT_DEFAULT ||
		component == COMPONENT_IHVDRIVER || level == 0) &&
	       (mask & shown);
}
NTS_EXPORT_INTERNAL(nts_dbgprint_is_shown);

/**
 * DbgPrint() - write to the kernel log
 * @format: Windows format string; no line end is added
 *
 * At most 511 characters per call and line. A piece without line end waits for
 * the rest of its line, or the end of DriverEntry, its thread or its driver.
 *
 * Context: any IRQL, any Linux context. %ws, %wZ and the like are meant for
 * PASSIVE_LEVEL on Windows; they work everywhere here.
 * Return: STATUS_SUCCESS.
 * Source: DbgPrint function (wdm.h); G-DBG-01 to G-DBG-03.
 * Test: ntshim_report:windows_formats_are_understood
 */
u32 DbgPrint(const char *format, ...)
{
	va_list args;

	if (!nts_dbgprint_is_shown(COMPONENT_DEFAULT, LEVEL_INFO,
				   READ_ONCE(dbgprint_mask)))
		return NTS_STATUS_SUCCESS;
	va_start(args, format);
	debug_print(_RET_IP_, NULL, format, args);
	va_end(args);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(DbgPrint);

/**
 * DbgPrintEx() - write to the kernel log, if the filter lets it through
 * @component: DPFLTR_DEFAULT_ID (101) or DPFLTR_IHVDRIVER_ID (77); of others
 *	only errors are shown
 * @level: 0 to 31: number of a bit in dbgprint_mask; else a mask of such bits
 * @format: as for DbgPrint()
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS.
 * Source: DbgPrintEx function (wdm.h); G-DBG-01.
 * Test: ntshim_report:windows_formats_are_understood
 */
u32 DbgPrintEx(u32 component, u32 level, const char *format, ...)
{
	va_list args;

	if (!nts_dbgprint_is_shown(component, level, READ_ONCE(dbgprint_mask)))
		return NTS_STATUS_SUCCESS;
	va_start(args, format);
	debug_print(_RET_IP_, NULL, format, args);
	va_end(args);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(DbgPrintEx);

/**
 * vDbgPrintEx() - DbgPrintEx() with a list of arguments
 * @component: as for DbgPrintEx()
 * @level: likewise
 * @format: likewise
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS.
 * Source: vDbgPrintEx function (wdm.h); G-DBG-10.
 * Test: drivers:chatty-driver-is-limited
 */
u32 vDbgPrintEx(u32 component, u32 level, const char *format, va_list args)
{
	if (nts_dbgprint_is_shown(component, level, READ_ONCE(dbgprint_mask)))
		debug_print(_RET_IP_, NULL, format, args);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(vDbgPrintEx);

/**
 * vDbgPrintExWithPrefix() - vDbgPrintEx() with text before it
 * @prefix: stands before what is formatted, percent signs and all; counts among
 *	the call's characters; NULL: none
 * @component: as for DbgPrintEx()
 * @level: likewise
 * @format: likewise
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS.
 * Source: vDbgPrintExWithPrefix function (wdm.h); G-DBG-10.
 * Test: drivers:chatty-driver-is-limited
 */
u32 vDbgPrintExWithPrefix(const char *prefix, u32 component, u32 level,
			  const char *format, va_list args)
{
	if (nts_dbgprint_is_shown(component, level, READ_ONCE(dbgprint_mask)))
		debug_print(_RET_IP_, prefix, format, args);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(vDbgPrintExWithPrefix);

/* Somebody with a line that code of @mod has begun, NULL: any code; 0: none. */
static unsigned long owner_of_line(const struct module *mod)
{
	unsigned long flags, owner = 0;
	unsigned int i;

	raw_spin_lock_irqsave(&lines_lock, flags);
	for (i = 0; i < NR_LINES && !owner; i++)
		if (!mod || within_module(lines[i].driver, mod))
			owner = lines[i].owner;
	raw_spin_unlock_irqrestore(&lines_lock, flags);
	return owner;
}

static void print_kept(unsigned long owner)
{
	unsigned long driver = 0;
	char text[LINE_SIZE];
	unsigned int length;

	length = take_kept(owner, text, &driver);
	if (length)
		print_line(driver, text, length);
}

/**
 * nts_dbgprint_finish_own() - print the line that the caller has not finished
 *
 * He ends, or what he writes next is another matter.
 *
 * Context: any but NMI.
 */
void nts_dbgprint_finish_own(void)
{
	print_kept(line_owner());
}

/**
 * nts_dbgprint_finish() - print the lines that nobody will finish
 * @mod: by code of this module, which goes; NULL: by any, no driver is loaded
 *
 * Context: process.
 */
void nts_dbgprint_finish(const struct module *mod)
{
	unsigned long owner;

	while ((owner = owner_of_line(mod)))
		print_kept(owner);
}
