/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What depends on DBG. The includer defines WHEN(Name), which makes a routine's
 * name its own.
 */

static int WHEN(Count);

static BOOLEAN WHEN(Holds)(BOOLEAN Result)
{
	WHEN(Count)++;
	return Result;
}

int WHEN(Assert)(void)
{
	WHEN(Count) = 0;
	ASSERT(WHEN(Holds)(TRUE));
	NT_ASSERT(WHEN(Holds)(FALSE));
	ASSERTMSG("on purpose", WHEN(Holds)(FALSE));
	RTL_SOFT_ASSERT(WHEN(Holds)(FALSE));
	if (!NT_VERIFY(WHEN(Holds)(TRUE)))
		return -1;
	if (NT_VERIFY(WHEN(Holds)(FALSE)))
		return -1;
	return WHEN(Count);
}
