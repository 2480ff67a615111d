/* SPDX-License-Identifier: MIT */
/* Packets between a measured program and the process that reads its session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "watched.h"

static void assert_parsed(
    const char *bytes, size_t len, enum mpr_request request, const char *argument)
{
    char text[64];
    const char *found;
    memcpy(text, bytes, len);
    text[len] = '\0';
    assert_int_equal(mpr_request_parse(text, len, &found), request);
    assert_string_equal(found, argument);
}

static void test_watched_words(void **state)
{
    static const struct {
        const char *text;
        enum mpr_request request;
        const char *argument;
    } rows[] = {
        {"stop", MPR_REQUEST_STOP, ""},
        {"drop", MPR_REQUEST_DROP, ""},
        {"snapshot /a b/c", MPR_REQUEST_SNAPSHOT, "/a b/c"},
        {"snapshot  /a", MPR_REQUEST_SNAPSHOT, " /a"},
        {"keep /a", MPR_REQUEST_KEEP, "/a"},
        {"keep", MPR_REQUEST_UNKNOWN, ""},
        {"snapshot", MPR_REQUEST_UNKNOWN, ""},
        {"snapshot ", MPR_REQUEST_UNKNOWN, ""},
        {"stop ", MPR_REQUEST_UNKNOWN, ""},
        {"stop now", MPR_REQUEST_UNKNOWN, ""},
        {"stopp", MPR_REQUEST_UNKNOWN, ""},
        {"sto", MPR_REQUEST_UNKNOWN, ""},
        {" stop", MPR_REQUEST_UNKNOWN, ""},
        {"", MPR_REQUEST_UNKNOWN, ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_parsed(rows[i].text, strlen(rows[i].text), rows[i].request, rows[i].argument);
    assert_parsed("snapshot /a\0b", sizeof "snapshot /a\0b" - 1, MPR_REQUEST_UNKNOWN, "");
}

static void assert_got(int fd, const char *text)
{
    char got[MPR_PACKET_MAX];
    ssize_t len = recv(fd, got, sizeof got - 1, MSG_DONTWAIT);
    assert_true(len > 0);
    got[len] = '\0';
    assert_string_equal(got, text);
}

static void test_watched_packets(void **state)
{
    struct mpr_error err = {"a reason"};
    char text[MPR_PACKET_MAX + 1];
    const char *argument;
    int pair[2];
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    mpr_request_answer(pair[0], 0, &err);
    assert_got(pair[1], "done");
    mpr_request_answer(pair[0], MPR_ERR_IO, &err);
    assert_got(pair[1], "error a reason");
    assert_int_equal(send(pair[1], "snapshot /x", 11, 0), 11);
    assert_int_equal(mpr_request_take(pair[0], text, &argument), MPR_REQUEST_SNAPSHOT);
    assert_string_equal(argument, "/x");
    close(pair[1]);
    assert_int_equal(mpr_request_take(pair[0], text, &argument), MPR_REQUEST_GONE);
    mpr_request_answer(pair[0], 0, &err);
    assert_int_equal(mpr_request_ready(pair[0], 0, &err), MPR_ERR_IO);
    close(pair[0]);
}

static void test_watched_hands_over(void **state)
{
    char bytes[64], control[CMSG_SPACE(sizeof(int))];
    struct iovec piece = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control};
    struct mpr_error err;
    int pair[2], pipe_fds[2], fd = -1;
    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair), 0);
    assert_int_equal(pipe(pipe_fds), 0);
    assert_int_equal(mpr_request_ready(pair[0], pipe_fds[1], &err), 0);
    ssize_t len = recvmsg(pair[1], &message, 0);
    assert_int_equal(len, strlen("mprun 1 ready"));
    assert_memory_equal(bytes, "mprun 1 ready", (size_t)len);
    const struct cmsghdr *passed = CMSG_FIRSTHDR(&message);
    if (passed)
        memcpy(&fd, CMSG_DATA(passed), sizeof fd);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(pipe_fds[0], bytes, 1), 1);
    close(fd);
    for (int i = 0; i < 2; i++) {
        close(pair[i]);
        close(pipe_fds[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watched_words),
        cmocka_unit_test(test_watched_packets),
        cmocka_unit_test(test_watched_hands_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
