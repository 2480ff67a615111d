/* SPDX-License-Identifier: MIT */
/* python's own command line, as far as mprun must understand it: where its options end. */
#include "python_words.h"

#include <ctype.h>
#include <string.h>

#include "mprun/base.h"

/* CPython's short options that take a value, but for -c and -m, which end the options. */
static bool takes_value(char letter)
{
    return letter == 'W' || letter == 'X';
}

/* A word of short options at words[i]. True if -c or -m ended the options. */
static bool scan_letters(const char *const *words, size_t *i, struct mpr_python_words *found)
{
    for (const char *at = words[*i] + 1; *at; at++) {
        bool ends = *at == 'c' || *at == 'm';
        if (!ends && !takes_value(*at))
            continue;
        const char *value = at[1] ? at + 1 : words[*i + 1];
        if (!at[1] && words[*i + 1])
            (*i)++;
        if (ends && value)
            found->program = *i;
        if (*at == 'c')
            found->code = value;
        return ends;
    }
    return false;
}

void mpr_python_words_scan(const char *const *words, struct mpr_python_words *ret_words)
{
    struct mpr_python_words found = {0};
    size_t i = 0;
    while (words[found.program])
        found.program++;
    for (; words[i]; i++) {
        const char *word = words[i];
        if (word[0] != '-' || !word[1]) {
            found.program = i;
            break;
        }
        if (strcmp(word, "--") == 0) {
            found.program = i + (words[i + 1] ? 1 : 0);
            break;
        }
        if (strcmp(word, "--check-hash-based-pycs") == 0 && words[i + 1])
            i++;
        else if (word[1] != '-' && scan_letters(words, &i, &found))
            break;
    }
    *ret_words = found;
}

/* How builds are named: free-threaded, debug, both, Debian's debug. */
static bool is_build_suffix(const char *text)
{
    static const char *const suffixes[] = {"", "t", "d", "td", "-dbg"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (strcmp(text, suffixes[i]) == 0)
            return true;
    return false;
}

bool mpr_is_interpreter_name(const char *word)
{
    const char *at = strrchr(word, '/') ? strrchr(word, '/') + 1 : word;
    bool pypy = mpr_has_prefix(at, "pypy"); /* to be refused by its name */
    if (!pypy && !mpr_has_prefix(at, "python"))
        return false;
    at += strlen(pypy ? "pypy" : "python");
    if (!*at)
        return true;
    if (*at++ != '3')
        return false;
    for (int parts = 0; *at == '.' && parts < 2; parts++) {
        if (!isdigit((unsigned char)*++at))
            return false;
        while (isdigit((unsigned char)*at))
            at++;
    }
    return is_build_suffix(at);
}
