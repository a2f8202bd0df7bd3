/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef ACL_JUDGE_H
#define ACL_JUDGE_H

/*
 * Judging settings.  A rule is judged in the same way whether it is only
 * validated or meant; the operator is told the property, its value and what
 * was expected.
 */

struct acl_rule;
struct xvs_answer;
struct xvs_host;
struct xvs_setting;

/* A setting while it is judged. */
struct judgement {
    const struct xvs_setting *setting;
    struct xvs_answer *answer;
    const struct xvs_host *host;
    int result;                 /* XVS_SUCCESS until something is refused */
};

/* Refuses with a sentence, unless something was refused before. */
__attribute__((format(printf, 3, 4)))
void refuse(struct judgement *judgement, int result,
            const char *format, ...);
/* Reads the rule of the setting, whose size was checked, and judges it. */
void judge_rule(struct judgement *judgement, struct acl_rule *rule);

#endif
