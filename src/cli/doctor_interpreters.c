/* SPDX-License-Identifier: MIT */
/* The interpreters of this machine, and the host that each would get. */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "python_words.h"

static char *plain_text(const char *bytes)
{
    struct mpr_buf text;
    mpr_buf_init(&text);
    mpr_text_append(&text, bytes, strlen(bytes));
    char *made = mpr_buf_steal(&text);
    mpr_buf_release(&text);
    return made;
}

/* A virtual environment is an interpreter of its own, although its python is a link to another's.
 */
static char *key_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? mpr_asprintf("%.*s/..", (int)(slash - path), path) : NULL;
    char *config = folder ? mpr_asprintf("%s/pyvenv.cfg", folder) : NULL;
    char *key = realpath(config && access(config, F_OK) == 0 ? folder : path, NULL);
    free(folder);
    free(config);
    return key ? key : mpr_strdup(path);
}

static bool is_known(const struct mpr_doctor_interpreters *found, const char *key)
{
    for (size_t i = 0; i < found->count; i++)
        if (key && found->item[i].key && strcmp(found->item[i].key, key) == 0)
            return true;
    return false;
}

static void release_item(struct mpr_doctor_interpreter *item)
{
    free(item->path);
    free(item->key);
    free(item->problem);
}

/* `python`: a name or path; NULL for what mprun would take by itself. */
static void add(struct mpr_doctor_interpreters *found, const char *python, bool is_default,
    char *const *environment)
{
    struct mpr_launch_request request = {.python = python, .environment = environment};
    struct mpr_launch launch = {0};
    struct mpr_error err = {""};
    struct mpr_doctor_interpreter item = {.is_default = is_default};
    int status = mpr_launch_choose(&request, &launch, &err);
    const char *path = launch.interpreter ? launch.interpreter : launch.executable;
    if (status < 0)
        item.problem = plain_text(err.message);
    if (!path)
        path = python ? python : "python3";
    item.path = plain_text(path);
    item.key = strchr(path, '/') ? key_of(path) : mpr_strdup(path);
    item.version = launch.version;
    item.host = launch.host;
    bool keep = found->count < MPR_DOCTOR_INTERPRETERS_MAX && item.path && item.key &&
                !is_known(found, item.key);
    if (keep) {
        found->item[found->count++] = item;
        found->fitting += status == 0;
    } else {
        release_item(&item);
    }
    mpr_launch_release(&launch);
}

static int is_python3(const struct dirent *entry)
{
    return mpr_has_prefix(entry->d_name, "python3") && mpr_is_interpreter_name(entry->d_name);
}

static bool is_script(const char *path)
{
    struct mpr_buf start;
    mpr_buf_init(&start);
    bool script = mpr_buf_read_file(&start, path, 1 << 20, NULL) == 0 && start.len >= 2 &&
                  memcmp(start.data, "#!", 2) == 0;
    mpr_buf_release(&start);
    return script;
}

/* All python3 of a folder. Of shims only `python3` is asked: the others are the same manager's, and
 * each costs the start of an interpreter. */
static void add_folder(
    struct mpr_doctor_interpreters *found, const char *folder, char *const *environment)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_python3, versionsort);
    for (int i = 0; i < count; i++) {
        char *path = mpr_asprintf("%s/%s", folder, names[i]->d_name);
        char *key = path ? key_of(path) : NULL;
        struct stat st;
        bool usable = path && !is_known(found, key) && stat(path, &st) == 0 &&
                      S_ISREG(st.st_mode) && access(path, X_OK) == 0;
        if (usable && (strcmp(names[i]->d_name, "python3") == 0 || !is_script(path)))
            add(found, path, false, environment);
        free(key);
        free(path);
        free(names[i]);
    }
    free(names);
}

static const char *variable(char *const *environment, const char *name)
{
    size_t len = strlen(name);
    for (; *environment; environment++)
        if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
            return *environment + len + 1;
    return NULL;
}

void mpr_doctor_find(
    const char *python, char *const *environment, struct mpr_doctor_interpreters *ret_found)
{
    static const char *const usual[] = {"/usr/local/bin", "/usr/bin"};
    const char *venv = variable(environment, "VIRTUAL_ENV");
    const char *path = variable(environment, "PATH");
    *ret_found = (struct mpr_doctor_interpreters){0};
    add(ret_found, python, true, environment);
    char *folder = venv && *venv ? mpr_asprintf("%s/bin", venv) : NULL;
    if (folder)
        add_folder(ret_found, folder, environment);
    free(folder);
    while (path) { /* also the empty part behind a last colon */
        size_t len = strcspn(path, ":");
        folder = mpr_asprintf("%.*s", len ? (int)len : 1, len ? path : ".");
        if (folder)
            add_folder(ret_found, folder, environment);
        free(folder);
        path = path[len] ? path + len + 1 : NULL;
    }
    for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
        add_folder(ret_found, usual[i], environment);
}

void mpr_doctor_forget(struct mpr_doctor_interpreters *found)
{
    for (size_t i = 0; i < found->count; i++)
        release_item(&found->item[i]);
    *found = (struct mpr_doctor_interpreters){0};
}
