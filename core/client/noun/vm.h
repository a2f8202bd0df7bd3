/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef XVS_CLIENT_NOUN_VM_H
#define XVS_CLIENT_NOUN_VM_H

/*
 * VMs behind the management channel: what the verbs of "vm" share.
 */

#include <stdbool.h>

struct cim_class;
struct instance;
struct run;

#define VM_SETTING "XVS_ChannelVm"
#define VM_HOST_SETTING "XVS_Channel"
#define VM_STATUS "XVS_ChannelVmStatus"
#define VM_LISTENER "XVS_ChannelListenerStatus"
#define VM_SWITCH "host"        /* where the extension is enabled */

/* The class, or NULL with run->error set: it says what is not there. */
struct cim_class *vm_class(struct run *run, const char *name);
/* The setting, or the status, of the VM that has that name, UUID or alias, or
 * is HOST:NAME; the caller's.  NULL with run->error set. */
struct instance *vm_setting(struct run *run, const char *name);
struct instance *vm_status(struct run *run, const char *name);
/* The setting by its Name alone; NULL, and not '*failed': there is none. */
struct instance *vm_setting_of(struct run *run, const char *name,
                               bool *failed);

bool vm_register(struct run *run);      /* vm-register.c */

#endif
