/* SPDX-License-Identifier: MIT */
/* The library that is preloaded into what the program starts: it takes itself out of the
 * environment, passes itself on, and offers the builtins where there is a Python.
 *
 * Cost in a process that is no Python: being loaded, and a few system calls to leave no trace. */
#include <dlfcn.h>

#include "mprun/children.h"

/* Not that of another library of the same program: a constructor is called with main's arguments.
 */
__attribute__((constructor)) static void begin(int argc, char **argv, char **environment)
{
    Dl_info self;
    (void)argc, (void)argv;
    if (!dladdr((const void *)mpr_children_start, &self) || !self.dli_fname)
        return;
    mpr_block_cut_file(environment, "LD_PRELOAD", self.dli_fname);
    mpr_children_start(self.dli_fname);
    mpr_children_offer_names();
}
