/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The annotations of Windows sources, which no compiler here reads: they
 * vanish, so that annotated sources compile unchanged.
 */
#ifndef NT_SAL_H
#define NT_SAL_H

#define _In_
#define _In_opt_
#define _In_z_
#define _In_reads_(Count)
#define _In_reads_bytes_(Count)
#define _In_reads_opt_(Count)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(Count)
#define _Out_
#define _Out_opt_
#define _Out_writes_(Count)
#define _Out_writes_bytes_(Count)
#define _Out_writes_opt_(Count)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Reserved_
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Check_return_
#define _Must_inspect_result_
#define _Use_decl_annotations_
#define _Success_(Expression)
#define _When_(Expression, Annotations)
#define _At_(Target, Annotations)
#define _Pre_
#define _Post_
#define _Function_class_(Name)
#define _IRQL_requires_(Level)
#define _IRQL_requires_max_(Level)
#define _IRQL_requires_min_(Level)
#define _IRQL_requires_same_
#define _IRQL_raises_(Level)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_saves_global_(Kind, Parameter)
#define _IRQL_restores_global_(Kind, Parameter)
#define _Acquires_lock_(Lock)
#define _Releases_lock_(Lock)
#define _Requires_lock_held_(Lock)
#define _Guarded_by_(Lock)
#define _Analysis_assume_(Expression)
#define _Printf_format_string_
#define _Field_size_(Count)
#define _Field_size_bytes_(Count)
#define _Dispatch_type_(Type)

#define IN
#define OUT
#define OPTIONAL

#endif /* NT_SAL_H */
