/* SPDX-License-Identifier: MIT */
/* Python's names of codecs, as glibc's iconv spells them. Unknown names pass unchanged: iconv knows
 * most of them, and the caller falls back to UTF-8 for the rest. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "mprun/source.h"

/* Python's name in lower case, letters and digits only. */
static const struct {
    const char *python;
    const char *iconv;
} aliases[] = {
    {"utf8", "UTF-8"},
    {"utf8sig", "UTF-8"},
    {"u8", "UTF-8"},
    {"utf", "UTF-8"},
    {"cp65001", "UTF-8"},
    {"utf7", "UTF-7"},
    {"u7", "UTF-7"},
    {"ascii", "ASCII"},
    {"usascii", "ASCII"},
    {"646", "ASCII"},
    {"latin1", "ISO-8859-1"},
    {"latin", "ISO-8859-1"},
    {"isolatin1", "ISO-8859-1"},
    {"l1", "ISO-8859-1"},
    {"8859", "ISO-8859-1"},
    {"cp819", "ISO-8859-1"},
    {"latin2", "ISO-8859-2"},
    {"l2", "ISO-8859-2"},
    {"latin3", "ISO-8859-3"},
    {"latin4", "ISO-8859-4"},
    {"cyrillic", "ISO-8859-5"},
    {"arabic", "ISO-8859-6"},
    {"greek", "ISO-8859-7"},
    {"greek8", "ISO-8859-7"},
    {"hebrew", "ISO-8859-8"},
    {"latin5", "ISO-8859-9"},
    {"latin6", "ISO-8859-10"},
    {"thai", "ISO-8859-11"},
    {"latin7", "ISO-8859-13"},
    {"latin8", "ISO-8859-14"},
    {"latin9", "ISO-8859-15"},
    {"latin10", "ISO-8859-16"},
    {"macroman", "MACINTOSH"},
    {"maccyrillic", "MAC-CYRILLIC"},
    {"eucjp", "EUC-JP"},
    {"ujis", "EUC-JP"},
    {"shiftjis", "SHIFT_JIS"},
    {"sjis", "SHIFT_JIS"},
    {"ms932", "CP932"},
    {"mskanji", "CP932"},
    {"iso2022jp", "ISO-2022-JP"},
    {"euckr", "EUC-KR"},
    {"korean", "EUC-KR"},
    {"uhc", "CP949"},
    {"gb2312", "GB2312"},
    {"chinese", "GB2312"},
    {"euccn", "GB2312"},
    {"gbk", "GBK"},
    {"cp936", "GBK"},
    {"gb18030", "GB18030"},
    {"big5", "BIG5"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"koi8r", "KOI8-R"},
    {"koi8u", "KOI8-U"},
    {"tis620", "TIS-620"},
};

static void squeeze(const char *name, char *out, size_t size)
{
    size_t len = 0;
    for (; *name && len + 1 < size; name++) {
        if (isalnum((unsigned char)*name))
            out[len++] = (char)tolower((unsigned char)*name);
    }
    out[len] = '\0';
}

void mpr_source_codec(const char *python, char *ret_iconv, size_t size)
{
    char key[64];
    squeeze(python, key, sizeof key);
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(key, aliases[i].python) == 0) {
            snprintf(ret_iconv, size, "%s", aliases[i].iconv);
            return;
        }
    }
    /* iso8859_15 and iso-8859-15 both; windows-1252 and cp1252 both. */
    if (mpr_has_prefix(key, "iso8859") && key[7])
        snprintf(ret_iconv, size, "ISO-8859-%s", key + 7);
    else if (mpr_has_prefix(key, "windows") && key[7])
        snprintf(ret_iconv, size, "CP%s", key + 7);
    else if (mpr_has_prefix(key, "ibm") && key[3])
        snprintf(ret_iconv, size, "CP%s", key + 3);
    else
        snprintf(ret_iconv, size, "%s", python);
}
