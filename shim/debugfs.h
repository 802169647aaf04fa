/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The directory of ntshim in debugfs.
 */
#ifndef NTSHIM_DEBUGFS_H
#define NTSHIM_DEBUGFS_H

struct dentry;
struct seq_file;

/* For files of other parts; removed with all of them. */
extern struct dentry *nts_debugfs_dir;

void nts_debugfs_start(void);
void nts_debugfs_stop(void);
int nts_debugfs_show_waits(struct seq_file *file, void *unused);

#endif /* NTSHIM_DEBUGFS_H */
