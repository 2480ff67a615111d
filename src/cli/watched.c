/* SPDX-License-Identifier: MIT */
/* Packets of `mprun watch`: text to requests, answers to text. */
#include "watched.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const struct {
    const char *word;
    enum mpr_request request;
    bool takes; /* something behind the word */
} words[] = {
    {"snapshot", MPR_REQUEST_SNAPSHOT, true},
    {"keep", MPR_REQUEST_KEEP, true},
    {"stop", MPR_REQUEST_STOP, false},
    {"drop", MPR_REQUEST_DROP, false},
};

enum mpr_request mpr_request_parse(char *text, size_t len, const char **ret_argument)
{
    *ret_argument = "";
    if (len == 0 || memchr(text, '\0', len))
        return MPR_REQUEST_UNKNOWN;
    size_t word = strcspn(text, " ");
    bool more = word < len && text[word + 1];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i].word) != word || memcmp(text, words[i].word, word) != 0 ||
            words[i].takes != more || (!more && word != len))
            continue;
        *ret_argument = text + word + more;
        return words[i].request;
    }
    return MPR_REQUEST_UNKNOWN;
}

enum mpr_request mpr_request_take(int fd, char *text, const char **ret_argument)
{
    ssize_t len;
    *ret_argument = "";
    do
        len = recv(fd, text, MPR_PACKET_MAX, MSG_DONTWAIT);
    while (len < 0 && errno == EINTR);
    if (len <= 0)
        return MPR_REQUEST_GONE;
    text[len] = '\0';
    return mpr_request_parse(text, (size_t)len, ret_argument);
}

static void send_text(int fd, const char *text)
{
    (void)!send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void mpr_request_answer(int fd, int status, const struct mpr_error *err)
{
    char text[sizeof err->message + sizeof "error "];
    snprintf(text, sizeof text, "error %s", status < 0 ? err->message : "");
    send_text(fd, status < 0 ? text : "done");
}

int mpr_request_ready(int fd, int recording_fd, struct mpr_error *err)
{
    static char text[] = "mprun 1 ready";
    union {
        char bytes[CMSG_SPACE(sizeof recording_fd)];
        struct cmsghdr aligned;
    } control;
    struct iovec piece = {text, sizeof text - 1};
    struct msghdr message = {
        .msg_iov = &piece,
        .msg_iovlen = 1,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    memset(&control, 0, sizeof control);
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof recording_fd);
    memcpy(CMSG_DATA(head), &recording_fd, sizeof recording_fd);
    if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0)
        return mpr_error_set(
            err, MPR_ERR_IO, "the recording cannot be handed over: %s", strerror(errno));
    return 0;
}
