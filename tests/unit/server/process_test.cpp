#include "server/process.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::process_test {
namespace {

// Runs it in a process of its own, which is prepared, and says how that ended.
int status_of_child(auto run) {
  const pid_t child = ::fork();
  if (child == 0) {
    for (int signal = 1; signal <= SIGRTMAX; ++signal) std::signal(signal, SIG_DFL);
    prepare_process();
    run();
    ::_exit(7);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

bool survives(int signal) {
  const int status = status_of_child([signal] { ::kill(::getpid(), signal); });
  return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

TEST(process_test, only_what_means_an_end_ends_it) {
  for (int signal = 1; signal < SIGSYS; ++signal) {
    switch (signal) {
      case SIGKILL:
      case SIGSTOP:
      case SIGTSTP:
      case SIGTTIN:
      case SIGTTOU:
        continue;  // stops it, or cannot be anything else
      case SIGABRT:
      case SIGILL:
      case SIGTRAP:
      case SIGBUS:
      case SIGFPE:
      case SIGSEGV:
      case SIGXCPU:
        EXPECT_FALSE(survives(signal)) << ::strsignal(signal);
        continue;
      default:
        EXPECT_TRUE(survives(signal)) << ::strsignal(signal);
    }
  }
  EXPECT_TRUE(survives(SIGRTMIN));
  EXPECT_TRUE(survives(SIGRTMAX));
}

TEST(process_test, the_awaited_signals_wait_in_every_thread_to_come) {
  const int status = status_of_child([] {
    const auto are_blocked = [] {
      sigset_t now;
      ::pthread_sigmask(SIG_BLOCK, nullptr, &now);
      for (const int one : {SIGTERM, SIGINT, SIGQUIT, SIGHUP})
        if (::sigismember(&now, one) != 1) return false;
      return true;
    };
    bool in_thread = false;
    std::thread([&] { in_thread = are_blocked(); }).join();
    if (!in_thread || !are_blocked()) ::_exit(1);
    ::kill(::getpid(), SIGTERM);
    const sigset_t awaited = awaited_signals();
    int got = 0;
    ::sigwait(&awaited, &got);
    if (got != SIGTERM) ::_exit(2);
  });
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(process_test, a_file_that_may_not_grow_is_an_error_of_the_write) {
  const temp_directory directory;
  const std::string path = (directory.path() / "file").string();
  const int status = status_of_child([&path] {
    const rlimit nothing{10, 10};
    ::setrlimit(RLIMIT_FSIZE, &nothing);
    std::ofstream file(path);
    file << "more than ten bytes" << std::flush;
    if (file) ::_exit(1);
  });
  EXPECT_TRUE(WIFEXITED(status)) << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

}  // namespace
}  // namespace factord::process_test
