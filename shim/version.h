/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NTSHIM_VERSION_H
#define NTSHIM_VERSION_H

#define NTSHIM_VERSION "0.1.0"

#endif /* NTSHIM_VERSION_H */
