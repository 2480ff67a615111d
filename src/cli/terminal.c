/* SPDX-License-Identifier: MIT */
/* How a report looks where it goes. Only this file asks the terminal and the locale. */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define WIDTH_USUAL 80
#define WIDTH_LEAST 40 /* less cannot hold the figures and some source */
#define WIDTH_MOST 10000

/* Of the variables that choose the character set, the first that is set decides. */
static const char *locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value)
            return value;
    }
    return "C";
}

void mpr_terminal_init(void)
{
    setlocale(LC_CTYPE, "");
}

/* A locale that is named but not installed (small containers) still tells what the terminal can
 * show. */
bool mpr_terminal_unicode(void)
{
    const char *name = locale_name();
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 || strcasestr(name, ".UTF-8") ||
           strcasestr(name, ".utf8");
}

static bool wants_color(enum mpr_color color, bool is_tty)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    if (color != MPR_COLOR_AUTO)
        return color == MPR_COLOR_ALWAYS;
    return is_tty && !(no_color && *no_color) && term && *term && strcmp(term, "dumb") != 0;
}

/* COLUMNS, else what the terminal says, else what most have. */
static size_t width_of(int fd)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t width = 0;
    if ((!columns || mpr_parse_u64(columns, &width) < 0 || width == 0 || width > WIDTH_MOST) &&
        ioctl(fd, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    if (width == 0 || width > WIDTH_MOST)
        return WIDTH_USUAL;
    return width > WIDTH_LEAST ? (size_t)width : WIDTH_LEAST;
}

void mpr_terminal_report_options(
    const struct mpr_options *options, int fd, struct mpr_report_options *ret_options)
{
    bool is_tty = isatty(fd) == 1;
    *ret_options = (struct mpr_report_options){
        .width = width_of(fd),
        .color = wants_color(options->color, is_tty),
        .unicode = mpr_terminal_unicode(),
        .legend = !options->no_legend,
        .plot = options->plot,
    };
    if (options->width_given)
        ret_options->width = options->width;
}
