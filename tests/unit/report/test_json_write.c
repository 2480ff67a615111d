/* SPDX-License-Identifier: MIT */
/* JSON piece by piece: where commas and lines stand, what is null, and what is not whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "json.h"

static struct mpr_buf out;
static struct mpr_json json;

static int setup(void **state)
{
    (void)state;
    mpr_buf_init(&out);
    json = (struct mpr_json){.out = &out};
    mpr_json_begin(&json);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mpr_buf_release(&out);
    return 0;
}

static void assert_written(const char *expected)
{
    assert_int_equal(mpr_json_end(&json, NULL), 0);
    assert_string_equal(out.data, expected);
}

static void test_json_write_members_and_elements(void **state)
{
    (void)state;
    mpr_json_member(&json, 1, "a", json_integer(-1));
    mpr_json_key(&json, 1, "b");
    mpr_buf_putc(&out, '[');
    mpr_json_element(&json, 2, json_true());
    mpr_json_element(&json, 2, NULL);
    mpr_buf_putc(&out, '{');
    mpr_json_member(&json, 3, "c", json_string("x"));
    mpr_buf_puts(&out, "}]");
    assert_written("{\n  \"a\": -1,\n  \"b\": [\n    true,\n    {\n      \"c\": \"x\"}]\n}\n");
}

/* What is never built reads as what is. */
static void test_json_write_flat_objects(void **state)
{
    static const char *const texts[] = {
        "", "plain", "\"\\", "a\nb\x01", "\x7f\xe2\x80\xae\xc3\xa9", NULL};
    static const int64_t sizes[] = {0, 9, 10, -1, INT64_MAX, INT64_MIN + 1, MPR_UNKNOWN};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
            json_t *object = json_object();
            mpr_json_set(object, "text", mpr_json_text(texts[i]));
            mpr_json_set(object, "size", mpr_json_size(sizes[n]));
            mpr_buf_clear(&out);
            mpr_json_value(&json, object);
            char *built = mpr_strdup(out.data);
            mpr_buf_clear(&out);
            mpr_json_flat_begin(&json);
            mpr_json_flat_text(&json, "text", texts[i]);
            mpr_json_flat_size(&json, "size", sizes[n]);
            mpr_json_flat_end(&json);
            assert_string_equal(out.data, built);
            free(built);
        }
    }
}

static void test_json_write_values(void **state)
{
    (void)state;
    json_t *object = json_object();
    mpr_json_set(object, "text", mpr_json_text("\"\\\xe2\x80\xae\xc2\x9b"));
    mpr_json_set(object, "none", mpr_json_text(NULL));
    mpr_json_set(object, "unknown", mpr_json_size(MPR_UNKNOWN));
    mpr_json_set(object, "least", mpr_json_size(INT64_MIN + 1));
    mpr_json_set(object, "most", mpr_json_count(UINT64_MAX));
    mpr_json_member(&json, 1, "v", object);
    assert_written("{\n  \"v\": {\"text\": \"\\\"\\\\\\u202e\\u009b\", \"none\": null, "
                   "\"unknown\": null, \"least\": -9223372036854775807, "
                   "\"most\": 9223372036854775807}\n}\n");
}

/* A value that could not be made, or written, makes all of it fail. */
static void test_json_write_is_whole_or_an_error(void **state)
{
    (void)state;
    struct mpr_error err = {""};
    mpr_json_member(&json, 1, "a", NULL);
    assert_int_equal(mpr_json_end(&json, &err), MPR_ERR_NOMEM);
    assert_non_null(err.message[0] ? err.message : NULL);
}

/* One report's failure is not the next one's. */
static void test_json_write_begins_anew(void **state)
{
    (void)state;
    mpr_json_member(&json, 1, "a", NULL);
    mpr_buf_clear(&out);
    json = (struct mpr_json){.out = &out};
    mpr_json_begin(&json);
    assert_written("{\n}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_json_write_members_and_elements, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_write_flat_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_write_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_write_is_whole_or_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(test_json_write_begins_anew, setup, teardown),
    };
    return cmocka_run_group_tests_name("json_write", tests, NULL, NULL);
}
