/* SPDX-License-Identifier: MIT */
/* Signals while the report is made. The program has ended, so none is for it, and its run cannot be
 * had again: mprun says that it is still writing, and gives up when it is asked again. */
#ifndef MPRUN_CLI_INTERRUPT_H
#define MPRUN_CLI_INTERRUPT_H

/* From here to mprun's end; what was ignored stays so. `temporary`: removed on giving up, or NULL;
 * copied. */
void mpr_interrupt_hold(const char *temporary);

/* End by the signal that ended the target, so that a shell's loop stops on Ctrl-C. The core is the
 * target's, not mprun's. Async-signal-safe. */
void mpr_end_by_signal(int number);

#endif
