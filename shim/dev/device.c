// SPDX-License-Identifier: GPL-2.0
/*
 * /dev/ntshim: the character device and the module around it. What an open
 * file can do is in the other files.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../compat.h"

#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/poll.h>

#include "dev.h"

unsigned int nts_dev_max_objects = 131072;
module_param_named(max_objects, nts_dev_max_objects, uint, 0644);
MODULE_PARM_DESC(max_objects, "objects that one open file may have");

unsigned int nts_dev_max_async = 65536;
module_param_named(max_async, nts_dev_max_async, uint, 0644);
MODULE_PARM_DESC(max_async,
		 "objects that the asynchronous waits of one open file may name");

unsigned int nts_dev_max_ring = 65536;
module_param_named(max_ring, nts_dev_max_ring, uint, 0644);
MODULE_PARM_DESC(max_ring, "records that the ring of one open file may have");

unsigned int nts_dev_max_owners = 65536;
module_param_named(max_owners, nts_dev_max_owners, uint, 0644);
MODULE_PARM_DESC(max_owners, "owners of mutants that one open file may name");

static unsigned int max_files = 1024;
module_param(max_files, uint, 0644);
MODULE_PARM_DESC(max_files, "open files at a time");

/* Of the whole module, for ntshim_info. */
atomic_t nts_dev_files;
atomic_t nts_dev_objects;
atomic_t nts_dev_waiters;
atomic_t nts_dev_async;

static int device_open(struct inode *inode, struct file *file)
{
	struct nts_dev_world *world;

	if (atomic_inc_return(&nts_dev_files) > max_files) {
		atomic_dec(&nts_dev_files);
		return -EMFILE;
	}
	world = nts_dev_world_open();
	if (!world) {
		atomic_dec(&nts_dev_files);
		return -ENOMEM;
	}
	file->private_data = world;
	return nonseekable_open(inode, file);
}

static int device_release(struct inode *inode, struct file *file)
{
	nts_dev_world_close(file->private_data);
	atomic_dec(&nts_dev_files);
	return 0;
}

static __poll_t device_poll(struct file *file, poll_table *table)
{
	struct nts_dev_world *world = file->private_data;

	poll_wait(file, &world->poll_queue, table);
	return nts_dev_poll_mask(world);
}

static int device_mmap(struct file *file, struct vm_area_struct *vma)
{
	return nts_dev_ring_map(file->private_data, vma);
}

static const struct file_operations device_fops = {
	.owner = THIS_MODULE,
	.open = device_open,
	.release = device_release,
	.unlocked_ioctl = nts_dev_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
#ifdef NTS_HAS_URING_CMD
	.uring_cmd = nts_dev_uring_cmd,
#endif
	.poll = device_poll,
	.mmap = device_mmap,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "ntshim",
	.fops = &device_fops,
	.mode = 0600,
};

static int __init device_init(void)
{
	int ret;

	ret = nts_dev_handles_start();
	if (ret)
		return ret;
	ret = misc_register(&device);
	if (ret)
		nts_dev_handles_stop();
	return ret;
}

static void __exit device_exit(void)
{
	misc_deregister(&device);
	nts_dev_handles_stop();
}

module_init(device_init);
module_exit(device_exit);

MODULE_DESCRIPTION("/dev/ntshim: NT timers and waits for user space");
MODULE_LICENSE("GPL");
NTS_IMPORT_INTERNAL();
