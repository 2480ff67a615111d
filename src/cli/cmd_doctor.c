/* SPDX-License-Identifier: MIT */
/* `mprun doctor`: what this machine has for mprun, and what would be better; for reading, or as
 * JSON. */
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "commands.h"
#include "doctor.h"
#include "message.h"
#include "option_table.h"
#include "output.h"
#include "terminal.h"

struct limit {
    const char *name;
    const char *meaning;
    int which;
    bool bytes;
};

static const struct limit limits[] = {
    {"nofile", "open files", RLIMIT_NOFILE, false},
    {"fsize", "size of a file", RLIMIT_FSIZE, true},
    {"as", "address space", RLIMIT_AS, true},
};

#define LIMITS (sizeof limits / sizeof *limits)

struct doctor {
    struct utsname system;
    struct mpr_doctor_interpreters interpreters;
    struct mpr_launch_hosts hosts;
    struct mpr_doctor_tries tries;
    struct mpr_doctor_tier rss;
    uint32_t resolution; /* 0: RSS cannot be read */
    struct rlimit limit[LIMITS];
    struct mpr_error hosts_problem;     /* "" if there is none */
    struct mpr_error recording_problem; /* the same */
};

static void examine(
    struct doctor *doctor, const struct mpr_options *options, char *const *environment)
{
    int fd = -1;
    uname(&doctor->system);
    mpr_launch_hosts(&doctor->hosts, &doctor->hosts_problem);
    mpr_doctor_find(options->python, environment, &doctor->interpreters);
    mpr_doctor_try(&doctor->tries);
    mpr_doctor_judge(&doctor->tries, &doctor->rss);
    if (doctor->rss.tier != MPR_RSS_OFF)
        doctor->resolution = mpr_doctor_resolution();
    for (size_t i = 0; i < LIMITS; i++)
        getrlimit(limits[i].which, &doctor->limit[i]);
    if (mpr_rec_create(NULL, 0, 0, MPR_RSS_AUTO, &fd, &doctor->recording_problem) == 0)
        close(fd);
}

static bool has_kind(const struct mpr_launch_hosts *hosts, enum mpr_host_kind kind)
{
    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->item[i].kind == kind)
            return true;
    return false;
}

static void write_interpreters(const struct doctor *doctor, struct mpr_buf *out)
{
    mpr_buf_puts(out, "\nInterpreters\n");
    for (size_t i = 0; i < doctor->interpreters.count; i++) {
        const struct mpr_doctor_interpreter *item = &doctor->interpreters.item[i];
        mpr_buf_printf(
            out, "  %s%s\n", item->path, item->is_default ? "   (mprun takes this one)" : "");
        if (item->problem)
            mpr_buf_printf(out, "      no host: %s\n", item->problem);
        else if (item->version)
            mpr_buf_printf(out, "      CPython %u.%u.%u, host: %s\n", item->version >> 24,
                item->version >> 16 & 0xff, item->version >> 8 & 0xff,
                mpr_host_kind_name(item->host));
        else
            mpr_buf_printf(out, "      mprun's own, as there is no python3\n");
    }
}

static void write_hosts(const struct doctor *doctor, struct mpr_buf *out)
{
    const struct mpr_launch_hosts *hosts = &doctor->hosts;
    mpr_buf_puts(out, "\nHosts installed\n");
    if (doctor->hosts_problem.message[0]) {
        mpr_buf_puts(out, "  none: ");
        mpr_text_append(out, doctor->hosts_problem.message, strlen(doctor->hosts_problem.message));
        mpr_buf_putc(out, '\n');
        return;
    }
    mpr_buf_puts(out, "  in ");
    mpr_text_append(out, hosts->directory, strlen(hosts->directory));
    mpr_buf_putc(out, '\n');
    for (enum mpr_host_kind kind = MPR_HOST_INTERPRETER; kind <= MPR_HOST_EMBEDDED; kind++) {
        mpr_buf_printf(out, "  %-12s", mpr_host_kind_name(kind));
        for (size_t i = 0; i < hosts->count; i++)
            if (hosts->item[i].kind == kind)
                mpr_buf_printf(out, " 3.%u", hosts->item[i].minor);
        mpr_buf_puts(out, has_kind(hosts, kind) ? "\n" : " none\n");
    }
}

static void write_rss(const struct doctor *doctor, struct mpr_buf *out)
{
    mpr_buf_printf(out, "\nRSS\n  tier         %s%s\n", mpr_rss_tier_name(doctor->rss.tier),
        doctor->rss.better ? "" : ", the best");
    if (doctor->resolution)
        mpr_buf_printf(out, "  resolution   %" PRIu32 " KiB\n", doctor->resolution / 1024);
    if (doctor->rss.better)
        mpr_buf_printf(
            out, "  not %-8s %s\n", mpr_rss_tier_name(doctor->rss.better), doctor->rss.why);
    if (doctor->rss.command)
        mpr_buf_printf(out, "  to get it    %s\n", doctor->rss.command);
    if (doctor->tries.paranoid != MPR_PARANOID_UNKNOWN)
        mpr_buf_printf(out, "  kernel.perf_event_paranoid is %d\n", doctor->tries.paranoid);
}

static void write_amount(struct mpr_buf *out, rlim_t amount, bool bytes)
{
    if (amount == RLIM_INFINITY)
        mpr_buf_puts(out, "unlimited");
    else
        mpr_buf_printf(out, "%" PRIu64 "%s", (uint64_t)amount, bytes ? " bytes" : "");
}

static void write_limits(const struct doctor *doctor, struct mpr_buf *out)
{
    mpr_buf_puts(out, "\nLimits\n");
    for (size_t i = 0; i < LIMITS; i++) {
        mpr_buf_printf(out, "  %-16s", limits[i].meaning);
        write_amount(out, doctor->limit[i].rlim_cur, limits[i].bytes);
        if (doctor->limit[i].rlim_cur != doctor->limit[i].rlim_max) {
            mpr_buf_puts(out, ", can be raised to ");
            write_amount(out, doctor->limit[i].rlim_max, limits[i].bytes);
        }
        mpr_buf_putc(out, '\n');
    }
    const char *problem = doctor->recording_problem.message;
    mpr_buf_printf(out, "  %-16s%s\n", "a recording", problem[0] ? problem : "can be made");
}

static void write_all(const struct doctor *doctor, struct mpr_buf *out)
{
    mpr_buf_printf(out, "mprun " MPRUN_VERSION "   %s %s %s   glibc %s\n", doctor->system.sysname,
        doctor->system.release, doctor->system.machine, gnu_get_libc_version());
    write_interpreters(doctor, out);
    write_hosts(doctor, out);
    write_rss(doctor, out);
    write_limits(doctor, out);
}

/* For a terminal, line by line: no name holds a line's end any more. */
static int write_text(const struct doctor *doctor, struct mpr_buf *out)
{
    struct mpr_buf plain;
    mpr_buf_init(&plain);
    write_all(doctor, &plain);
    for (const char *line = plain.data, *end; !plain.failed && *line; line = end + 1) {
        end = strchrnul(line, '\n');
        mpr_shown_append(out, line, (size_t)(end - line), mpr_terminal_unicode());
        mpr_buf_putc(out, '\n');
        if (!*end)
            break;
    }
    out->failed |= plain.failed;
    mpr_buf_release(&plain);
    return 0;
}

/* jansson refuses what is not UTF-8. */
static json_t *text(const char *bytes)
{
    struct mpr_buf plain;
    if (!bytes || !*bytes)
        return json_null();
    mpr_buf_init(&plain);
    mpr_text_append(&plain, bytes, strlen(bytes));
    json_t *made = plain.failed ? NULL : json_stringn(plain.data, plain.len);
    mpr_buf_release(&plain);
    return made;
}

static json_t *interpreters_json(const struct doctor *doctor)
{
    json_t *list = json_array();
    for (size_t i = 0; i < doctor->interpreters.count; i++) {
        const struct mpr_doctor_interpreter *item = &doctor->interpreters.item[i];
        char version[16] = "";
        if (item->version)
            snprintf(version, sizeof version, "%u.%u.%u", item->version >> 24,
                item->version >> 16 & 0xff, item->version >> 8 & 0xff);
        json_t *object = json_object();
        json_object_set_new(object, "path", text(item->path));
        json_object_set_new(object, "default", json_boolean(item->is_default));
        json_object_set_new(object, "python", text(version));
        json_object_set_new(
            object, "host", text(item->problem ? NULL : mpr_host_kind_name(item->host)));
        json_object_set_new(object, "problem", text(item->problem));
        json_array_append_new(list, object);
    }
    return list;
}

static json_t *hosts_json(const struct mpr_launch_hosts *hosts)
{
    json_t *object = json_object();
    json_object_set_new(object, "directory", text(hosts->directory));
    for (enum mpr_host_kind kind = MPR_HOST_INTERPRETER; kind <= MPR_HOST_EMBEDDED; kind++) {
        json_t *versions = json_array();
        for (size_t i = 0; i < hosts->count; i++)
            if (hosts->item[i].kind == kind)
                json_array_append_new(versions, json_sprintf("3.%u", hosts->item[i].minor));
        json_object_set_new(object, mpr_host_kind_name(kind), versions);
    }
    return object;
}

static json_t *rss_json(const struct doctor *doctor)
{
    const struct mpr_doctor_tier *rss = &doctor->rss;
    int paranoid = doctor->tries.paranoid;
    json_t *object = json_object();
    json_object_set_new(object, "tier", text(mpr_rss_tier_name(rss->tier)));
    json_object_set_new(
        object, "resolution", doctor->resolution ? json_integer(doctor->resolution) : json_null());
    json_object_set_new(
        object, "better", rss->better ? text(mpr_rss_tier_name(rss->better)) : json_null());
    json_object_set_new(object, "why_not", text(rss->why));
    json_object_set_new(object, "command", text(rss->command));
    json_object_set_new(object, "perf_event_paranoid",
        paranoid == MPR_PARANOID_UNKNOWN ? json_null() : json_integer(paranoid));
    return object;
}

/* null is "unlimited". */
static json_t *amount_json(rlim_t amount)
{
    return amount > INT64_MAX ? json_null() : json_integer((json_int_t)amount);
}

static json_t *limits_json(const struct doctor *doctor)
{
    json_t *object = json_object();
    for (size_t i = 0; i < LIMITS; i++) {
        json_t *pair = json_object();
        json_object_set_new(pair, "soft", amount_json(doctor->limit[i].rlim_cur));
        json_object_set_new(pair, "hard", amount_json(doctor->limit[i].rlim_max));
        json_object_set_new(object, limits[i].name, pair);
    }
    return object;
}

static int write_json(const struct doctor *doctor, struct mpr_buf *out)
{
    json_t *root = json_object();
    json_object_set_new(root, "mprun", text(MPRUN_VERSION));
    json_object_set_new(root, "system", text(doctor->system.sysname));
    json_object_set_new(root, "kernel", text(doctor->system.release));
    json_object_set_new(root, "machine", text(doctor->system.machine));
    json_object_set_new(root, "glibc", text(gnu_get_libc_version()));
    json_object_set_new(root, "interpreters", interpreters_json(doctor));
    json_object_set_new(root, "hosts", hosts_json(&doctor->hosts));
    json_object_set_new(root, "rss", rss_json(doctor));
    json_object_set_new(root, "limits", limits_json(doctor));
    json_object_set_new(root, "recording_problem", text(doctor->recording_problem.message));
    char *dumped = json_dumps(root, JSON_INDENT(2));
    json_decref(root);
    if (!dumped)
        return MPR_ERR_NOMEM;
    mpr_shown_append_json(out, dumped, strlen(dumped));
    mpr_buf_putc(out, '\n');
    free(dumped);
    return 0;
}

/* In which of the formats of reports it speaks. */
static const struct {
    const struct mpr_format *format;
    int (*write)(const struct doctor *doctor, struct mpr_buf *out);
} writers[] = {
    {&mpr_format_text, write_text},
    {&mpr_format_json, write_json},
};

#define WRITERS (sizeof writers / sizeof *writers)

static int refuse_format(const struct mpr_format *format, struct mpr_error *err)
{
    struct mpr_buf known;
    mpr_buf_init(&known);
    for (size_t i = 0; i < WRITERS; i++)
        mpr_buf_printf(&known, "%s%s", i ? " and " : "", writers[i].format->name);
    int status = mpr_error_set(
        err, MPR_ERR_INVALID, "mprun doctor has no format '%s', only %s", format->name, known.data);
    mpr_buf_release(&known);
    return status;
}

static int write_as(const struct mpr_format *format, const struct doctor *doctor,
    struct mpr_buf *out, struct mpr_error *err)
{
    size_t i = 0;
    while (i < WRITERS && writers[i].format != format)
        i++;
    if (i == WRITERS)
        return refuse_format(format, err);
    if (writers[i].write(doctor, out) < 0 || out->failed)
        return mpr_error_set(err, MPR_ERR_NOMEM, "out of memory");
    return 0;
}

static int put(const struct mpr_buf *out, const char *file, struct mpr_error *err)
{
    struct mpr_output output = {.fd = -1};
    struct mpr_error why = {""};
    int status = mpr_output_open(file, NULL, &output, err);
    if (status < 0)
        return status;
    mpr_output_put(&output, out->data, out->len);
    if (mpr_output_finish(&output, &why) < 0)
        status = mpr_error_set(err, MPR_ERR_IO, "cannot write to %s: %.900s",
            strcmp(file, "-") == 0 ? "standard output" : file, why.message);
    mpr_output_release(&output);
    return status;
}

/* Into the file of -o or to standard output. */
static int tell(
    const struct doctor *doctor, const struct mpr_options *options, struct mpr_error *err)
{
    const char *file = options->output ? options->output : "-";
    const struct mpr_format *format = options->format;
    struct mpr_buf out;
    if (!format && mpr_format_of_file(file, &format, err) < 0)
        return MPR_ERR_INVALID;
    mpr_buf_init(&out);
    int status = write_as(format, doctor, &out, err);
    if (status == 0)
        status = put(&out, file, err);
    mpr_buf_release(&out);
    return status;
}

static struct mpr_ending run_doctor(const struct mpr_invocation *invocation)
{
    const struct mpr_options *options = invocation->options;
    struct mpr_error err = {""};
    struct mpr_ending ending = {.status = 0};
    struct doctor *doctor = calloc(1, sizeof *doctor);
    if (!doctor) {
        mpr_say("out of memory");
        return (struct mpr_ending){.status = MPR_STATUS_FAILED};
    }
    examine(doctor, options, invocation->environment);
    if (tell(doctor, options, &err) < 0) {
        mpr_say("%s", err.message);
        ending.status = MPR_STATUS_FAILED;
    }
    if (doctor->interpreters.fitting == 0)
        ending.status = MPR_STATUS_FAILED;
    mpr_doctor_forget(&doctor->interpreters);
    mpr_launch_hosts_release(&doctor->hosts);
    free(doctor);
    return ending;
}

const struct mpr_command mpr_command_doctor = {
    .name = "doctor",
    .help = "what this machine has: interpreters and their hosts, how RSS is measured and what "
            "would make that better, limits; with --format json for programs",
    .options = mpr_option_groups,
    .run = run_doctor,
};
