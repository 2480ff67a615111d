/* SPDX-License-Identifier: MIT */
/* Samples of real processes, which the test starts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mprun/tree.h"
#include "mprun/watch.h"

#define MIB(n) ((int64_t)(n) << 20)

/* A process that the test goes along with: it says when it is ready, and goes on when it is told.
 */
struct player {
    pid_t pid;
    int said, told;
};

typedef void script(int say, int hear);

static void say(int fd)
{
    if (write(fd, "x", 1) != 1)
        _exit(9);
}

static void hear(int fd)
{
    char c;
    if (read(fd, &c, 1) != 1)
        _exit(0); /* the test is over */
}

static struct player play(script *run)
{
    int said[2], told[2];
    assert_int_equal(pipe(said), 0);
    assert_int_equal(pipe(told), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(said[0]);
        close(told[1]);
        run(said[1], told[0]);
        _exit(0);
    }
    close(said[1]);
    close(told[0]);
    return (struct player){pid, said[0], told[1]};
}

static void wait_for(const struct player *player)
{
    char c;
    assert_int_equal(read(player->said, &c, 1), 1);
}

static void end(struct player *player)
{
    close(player->told);
    waitpid(player->pid, NULL, 0);
    close(player->said);
}

static void touch(size_t bytes)
{
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        _exit(8);
    memset(memory, 1, bytes);
}

static struct mpr_tree *begin(const struct player *player)
{
    struct mpr_tree *tree = NULL;
    assert_int_equal(mpr_tree_new(1000000, &tree, NULL), 0);
    mpr_tree_begin(tree, player->pid, mpr_monotonic_ns());
    return tree;
}

/* A player that has been looked at once and has gone on to what it says next. */
static struct mpr_tree *look_at(void (*part)(int said, int told), struct player *ret_player)
{
    *ret_player = play(part);
    wait_for(ret_player);
    struct mpr_tree *tree = begin(ret_player);
    mpr_tree_look(tree, true);
    say(ret_player->told);
    wait_for(ret_player);
    return tree;
}

static void alone(int said, int told)
{
    touch((size_t)MIB(8));
    say(said);
    hear(told);
    touch((size_t)MIB(24));
    say(said);
    hear(told);
}

static void test_tree_of_one(void **state)
{
    (void)state;
    struct player player = play(alone);
    wait_for(&player);
    struct mpr_tree *tree = begin(&player);
    mpr_tree_look(tree, true);
    int64_t before = mpr_tree_facts(tree)->rss_peak;
    say(player.told);
    wait_for(&player);
    mpr_tree_look(tree, true);
    end(&player);
    mpr_tree_look(tree, true);
    mpr_tree_finish(tree);
    const struct mpr_tree_facts *facts = mpr_tree_facts(tree);
    const struct mpr_tree_process *process = mpr_tree_process(tree, 0);
    assert_false(facts->unseen);
    assert_in_range(facts->rss_peak - before, MIB(24) - MIB(1) / 4, MIB(24) + MIB(1) / 4);
    assert_int_equal(facts->rss.samples, 2); /* none of what has ended */
    assert_int_equal(facts->pss.samples, 0); /* it shares nothing in the tree */
    assert_int_equal(facts->at_once, 1);
    assert_int_equal(process->number, player.pid);
    assert_int_equal(process->samples, 2);
    assert_int_equal(process->count, 2);
    assert_true(process->ended && process->rss_peak >= facts->rss_peak);
    assert_int_equal(process->peak_ns, facts->rss_peak_ns);
    assert_non_null(process->command);
    assert_null(mpr_tree_process(tree, 1));
    mpr_tree_free(tree);
}

/* Twenty MiB before the fork are in both; of four more each has its own. */
static void sharing(int said, int told)
{
    touch((size_t)MIB(20));
    say(said);
    hear(told);
    if (fork() == 0) {
        touch((size_t)MIB(4));
        say(said);
        hear(told);
        _exit(0);
    }
    hear(told);
    wait(NULL);
}

static void test_tree_divides_shared_pages(void **state)
{
    (void)state;
    struct player player;
    struct mpr_tree *tree = look_at(sharing, &player);
    mpr_tree_look(tree, true);
    const struct mpr_tree_facts *facts = mpr_tree_facts(tree);
    assert_int_equal(facts->at_once, 2);
    assert_in_range(facts->rss_peak, MIB(44), MIB(70));
    if (facts->pss_refused)
        print_message("the kernel refuses smaps_rollup\n");
    else
        assert_in_range(facts->pss_peak, MIB(24), MIB(36));
    end(&player);
    mpr_tree_look(tree, true);
    mpr_tree_finish(tree);
    const struct mpr_tree_process *child = mpr_tree_process(tree, 1);
    assert_non_null(child);
    assert_int_equal(child->parent, 0);
    assert_in_range(child->rss_peak, MIB(23), MIB(40));
    mpr_tree_free(tree);
}

/* Of a daemon: a child that leads a session of its own, and leaves one behind. */
static void leaving(int said, int told)
{
    say(said);
    hear(told);
    pid_t middle = fork();
    if (middle == 0) {
        setsid();
        say(said);
        hear(told);
        if (fork() == 0) {
            touch((size_t)MIB(16));
            say(said);
            hear(told);
            _exit(0);
        }
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    hear(told);
}

static void test_tree_has_orphans_of_its_sessions(void **state)
{
    (void)state;
    struct player player;
    struct mpr_tree *tree = look_at(leaving, &player);
    mpr_tree_look(tree, true);
    assert_int_equal(mpr_tree_facts(tree)->found, 2);
    say(player.told);
    wait_for(&player);
    poll(NULL, 0, 20); /* its parent goes */
    mpr_tree_look(tree, true);
    mpr_tree_look(tree, true);
    assert_int_equal(mpr_tree_facts(tree)->found, 3);
    assert_true(mpr_tree_facts(tree)->rss_peak > MIB(16));
    end(&player);
    mpr_tree_finish(tree);
    assert_int_equal(mpr_tree_process(tree, 2)->parent, 1);
    mpr_tree_free(tree);
}

/* The parent is gone before anybody has seen it. */
static void deserting(int said, int told)
{
    say(said);
    hear(told);
    pid_t middle = fork();
    if (middle == 0) {
        if (fork() == 0) {
            touch((size_t)MIB(16));
            say(said);
            hear(told);
        }
        _exit(0);
    }
    waitpid(middle, NULL, 0);
    hear(told);
}

static void test_tree_has_orphans_of_its_group(void **state)
{
    (void)state;
    struct player player;
    struct mpr_tree *tree = look_at(deserting, &player);
    poll(NULL, 0, 20);
    mpr_tree_look(tree, true);
    if (getppid() == 1)
        print_message("init is the test's parent: its orphans are not told from others\n");
    else
        assert_int_equal(mpr_tree_facts(tree)->found, 2);
    end(&player);
    mpr_tree_free(tree);
}

static void vforking(int said, int told)
{
    touch((size_t)MIB(32));
    say(said);
    hear(told);
    if (vfork() == 0) { // NOLINT(clang-analyzer-security.insecureAPI.vfork)
        say(said);      // NOLINT(clang-analyzer-unix.Vfork): it lasts while it waits
        hear(told);
        _exit(0);
    }
    hear(told);
}

/* The child of a vfork is in its parent's memory. */
static void test_tree_counts_borrowed_memory_once(void **state)
{
    (void)state;
    struct player player = play(vforking);
    wait_for(&player);
    struct mpr_tree *tree = begin(&player);
    mpr_tree_look(tree, true);
    int64_t before = mpr_tree_facts(tree)->rss_peak;
    say(player.told);
    wait_for(&player);
    mpr_tree_look(tree, true);
    assert_int_equal(mpr_tree_facts(tree)->found, 1);
    assert_in_range(mpr_tree_facts(tree)->rss_peak, before, before + MIB(1));
    end(&player);
    mpr_tree_look(tree, true);
    mpr_tree_finish(tree);
    assert_null(mpr_tree_process(tree, 1));
    mpr_tree_free(tree);
}

static void test_tree_of_a_process_that_is_gone(void **state)
{
    (void)state;
    struct player player = play(alone);
    end(&player);
    struct mpr_tree *tree = begin(&player);
    mpr_tree_look(tree, true);
    mpr_tree_finish(tree);
    assert_true(mpr_tree_facts(tree)->unseen);
    assert_int_equal(mpr_tree_facts(tree)->rss.samples, 0);
    assert_null(mpr_tree_process(tree, 0));
    mpr_tree_free(tree);
}

/* Samples are not closer than they are to be. */
static void test_tree_waits_between_samples(void **state)
{
    (void)state;
    struct mpr_tree *tree = NULL;
    struct player player = play(alone);
    wait_for(&player);
    assert_int_equal(mpr_tree_new(UINT64_C(3600000000000), &tree, NULL), 0);
    mpr_tree_begin(tree, player.pid, mpr_monotonic_ns());
    for (size_t i = 0; i < 100; i++)
        mpr_tree_look(tree, false);
    assert_int_equal(mpr_tree_facts(tree)->rss.samples, 1);
    mpr_tree_look(tree, true);
    assert_int_equal(mpr_tree_facts(tree)->rss.samples, 2);
    assert_int_equal(mpr_tree_facts(tree)->stretched_ns, 0);
    end(&player);
    mpr_tree_free(tree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tree_of_one),
        cmocka_unit_test(test_tree_divides_shared_pages),
        cmocka_unit_test(test_tree_has_orphans_of_its_sessions),
        cmocka_unit_test(test_tree_has_orphans_of_its_group),
        cmocka_unit_test(test_tree_counts_borrowed_memory_once),
        cmocka_unit_test(test_tree_of_a_process_that_is_gone),
        cmocka_unit_test(test_tree_waits_between_samples),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
