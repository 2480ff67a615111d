/* SPDX-License-Identifier: MIT */
/* What is easily given in the place of a program: Python would answer with a traceback that leads
 * nowhere. Refused is only what Python could not run either. */
#include "mistakes.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "mprun/launch.h"

/* --- a name that is no file --- */

static bool exists(const char *path, const char *end)
{
    char *file = mpr_asprintf("%s%s", path, end);
    bool found = file && access(file, F_OK) == 0;
    free(file);
    return found;
}

/* Dotted identifiers, as -m wants them: where their file would be; NULL if it is not there. */
static bool is_module(const char *name)
{
    char *path = mpr_strdup(name);
    bool plain = path && path[0] && path[0] != '.';
    for (char *at = path; plain && *at; at++) {
        plain = isalnum((unsigned char)*at) || *at == '_' || *at == '.';
        if (*at == '.')
            *at = '/';
    }
    bool found = plain && (exists(path, ".py") || exists(path, "/__main__.py"));
    free(path);
    return found;
}

static bool is_command(const char *name)
{
    char *path = strchr(name, '/') ? NULL : mpr_launch_on_path(name);
    free(path);
    return path != NULL;
}

static bool explain_absent(const char *name, struct mpr_error *err)
{
    const struct mpr_command *nearest = mpr_command_nearest(name);
    if (exists(name, ".py"))
        mpr_error_set(err, MPR_ERR_NOTFOUND, "there is no file %s; is %s.py meant?", name, name);
    else if (is_module(name))
        mpr_error_set(
            err, MPR_ERR_NOTFOUND, "there is no file %s; as a module: mprun -m %s", name, name);
    else if (is_command(name))
        mpr_error_set(err, MPR_ERR_NOTFOUND,
            "there is no file %s here; for the command: mprun \"$(command -v %s)\", or as a "
            "module: mprun -m %s",
            name, name, name);
    else if (nearest)
        mpr_error_set(err, MPR_ERR_NOTFOUND, "there is no file %s; is the command meant? mprun %s",
            name, nearest->name);
    else
        return false;
    return true;
}

/* --- a file that is no program --- */

/* The beginning of a regular file as a string: "" if there is none. Never waits for a FIFO. */
static void sniff(const char *path, char ret_head[MPR_FORMAT_HEAD + 1])
{
    struct stat info;
    ssize_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode))
        got = read(fd, ret_head, MPR_FORMAT_HEAD);
    ret_head[got > 0 ? got : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

static bool is_compiled(const char *path, const char *head)
{
    (void)path;
    return mpr_has_prefix(head, "\177ELF");
}

static bool is_notebook(const char *path, const char *head)
{
    return mpr_has_suffix(path, ".ipynb") && head[strspn(head, " \t\r\n")] == '{';
}

static bool is_report(const char *path, const char *head)
{
    (void)path;
    return mpr_format_of_head(head) != NULL;
}

static bool is_saved(const char *path, const char *head)
{
    (void)path;
    const struct mpr_format *format = mpr_format_of_head(head);
    return format && strcmp(format->name, "store") == 0;
}

static bool is_shell(const char *path, const char *head)
{
    return mpr_has_suffix(path, ".sh") && mpr_has_prefix(head, "#!") && !strstr(head, "python");
}

/* The way out stands around the file's name. */
static const struct {
    bool (*is)(const char *path, const char *head);
    const char *what, *before, *behind;
} no_programs[] = {
    {is_compiled, "a compiled program", "if it is a Python: mprun --python ", " SCRIPT"},
    {is_notebook, "a notebook", "make one of it: jupyter nbconvert --to script ", ""},
    {is_saved, "a saved profile", "to read it: mprun report ", ""},
    {is_report, "a report", "to write it anew: mprun -o ", " SCRIPT"},
    {is_shell, "a shell script", "where it says python3, let ", " say mprun"},
};

static bool explain_file(const char *path, struct mpr_error *err)
{
    char head[MPR_FORMAT_HEAD + 1];
    sniff(path, head);
    for (size_t i = 0; head[0] && i < sizeof no_programs / sizeof *no_programs; i++) {
        if (!no_programs[i].is(path, head))
            continue;
        mpr_error_set(err, MPR_ERR_INVALID, "%s is %s, no Python script; %s%s%s", path,
            no_programs[i].what, no_programs[i].before, path, no_programs[i].behind);
        return true;
    }
    return false;
}

const char *mpr_script_of(const struct mpr_options *options)
{
    const char *script = options->args[options->program];
    bool module = options->program > 0 && strcmp(options->args[options->program - 1], "-m") == 0;
    return script && !options->code && !module && strcmp(script, "-") != 0 ? script : NULL;
}

bool mpr_mistakes_program(const struct mpr_options *options, struct mpr_error *err)
{
    const char *script = mpr_script_of(options);
    if (!script)
        return false;
    return access(script, F_OK) == 0 ? explain_file(script, err) : explain_absent(script, err);
}

bool mpr_mistakes_value(const char *option, const char *value, struct mpr_error *err)
{
    if (!mpr_has_suffix(value, ".py"))
        return false;
    mpr_error_set(err, MPR_ERR_INVALID,
        "nothing to run: %s is the value of --%s; give that one of its own, and then the script",
        value, option);
    return true;
}
