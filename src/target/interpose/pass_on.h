/* SPDX-License-Identifier: MIT */
/* dlsym and dlopen know whose search it is by their return address. So a call that goes on to them
 * goes on as a jump, with the stack as the caller left it, however this is compiled. */
#ifndef MPRUN_INTERPOSE_PASS_ON_H
#define MPRUN_INTERPOSE_PASS_ON_H

/* What a call comes to: the function that it goes on to, or, if that is NULL, its answer. Comes
 * back in two registers. */
struct mpr_passed {
    void *on;
    void *answer;
};

/* Defines the exported function `name` of up to three arguments, which calls `decide` with them and
 * does what that says. */
#define MPR_PASS_ON(name, decide)                                                                  \
    __asm__(".pushsection .text\n"                                                                 \
            ".p2align 4\n"                                                                         \
            ".globl " #name "\n"                                                                   \
            ".type " #name ", @function\n" #name ":\n"                                             \
            ".cfi_startproc\n"                                                                     \
            "endbr64\n"                                                                            \
            "push %rdi\n"                                                                          \
            ".cfi_adjust_cfa_offset 8\n"                                                           \
            "push %rsi\n"                                                                          \
            ".cfi_adjust_cfa_offset 8\n"                                                           \
            "push %rdx\n"                                                                          \
            ".cfi_adjust_cfa_offset 8\n"                                                           \
            "call " #decide "\n"                                                                   \
            "mov %rdx, %rcx\n"                                                                     \
            "pop %rdx\n"                                                                           \
            ".cfi_adjust_cfa_offset -8\n"                                                          \
            "pop %rsi\n"                                                                           \
            ".cfi_adjust_cfa_offset -8\n"                                                          \
            "pop %rdi\n"                                                                           \
            ".cfi_adjust_cfa_offset -8\n"                                                          \
            "test %rax, %rax\n"                                                                    \
            "je 1f\n"                                                                              \
            "jmp *%rax\n"                                                                          \
            "1: mov %rcx, %rax\n"                                                                  \
            "ret\n"                                                                                \
            ".cfi_endproc\n"                                                                       \
            ".size " #name ", . - " #name "\n"                                                     \
            ".popsection\n")

#endif
