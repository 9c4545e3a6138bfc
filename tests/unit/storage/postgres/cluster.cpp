#include "tests/unit/storage/postgres/cluster.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <vector>

namespace factord::storage::testing {

namespace {

namespace fs = std::filesystem;

constexpr const char* inherited = "FACTORD_TEST_CLUSTER";

/// Debian has each version's programs in a folder of its own: those of the newest.
fs::path programs() {
  std::vector<fs::path> found;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql"}) {
    if (fs::exists(version.path() / "bin" / "initdb")) found.push_back(version.path() / "bin");
  }
  if (found.empty()) throw std::runtime_error{"no PostgreSQL server is installed"};
  return *std::ranges::max_element(found);
}

/// A server refuses to be root's: whose it is then.
const passwd* other_user() {
  if (::geteuid() != 0) return nullptr;
  const passwd* found = ::getpwnam("postgres");
  if (found == nullptr) found = ::getpwnam("nobody");
  if (found == nullptr) throw std::runtime_error{"nobody to run PostgreSQL as"};
  return found;
}

/// Starts a program that ends with this one, with its output in a file.
pid_t spawn(const std::vector<std::string>& words, const fs::path& output) {
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const passwd* const user = other_user();
  const uid_t uid = user != nullptr ? user->pw_uid : ::geteuid();
  const gid_t gid = user != nullptr ? user->pw_gid : ::getegid();
  const bool change = user != nullptr;
  const pid_t child = ::fork();
  if (child != 0) return child;
  const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(log, 1);
  ::dup2(log, 2);
  if (change && (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)) {
    ::_exit(126);
  }
  ::prctl(PR_SET_PDEATHSIG, SIGQUIT);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

std::string contents(const fs::path& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace

void sql_client::finish::operator()(pg_conn* of) const noexcept { PQfinish(of); }

sql_client::sql_client(const std::string& url) : connection_(PQconnectdb(url.c_str())) {
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw std::runtime_error{PQerrorMessage(connection_.get())};
  }
}

std::string sql_client::ask(const std::string& text) {
  const std::unique_ptr<PGresult, decltype(&PQclear)> found{PQexec(connection_.get(), text.c_str()),
                                                            PQclear};
  const auto status = PQresultStatus(found.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
    throw std::runtime_error{text + ": " + PQerrorMessage(connection_.get())};
  }
  return PQntuples(found.get()) > 0 ? PQgetvalue(found.get(), 0, 0) : "";
}

void sql_client::begin(const std::string& text) {
  if (PQsendQuery(connection_.get(), text.c_str()) != 1) {
    throw std::runtime_error{PQerrorMessage(connection_.get())};
  }
}

cluster& cluster::get() {
  static cluster one;
  return one;
}

cluster::cluster() {
  if (const char* const there = std::getenv(inherited); there != nullptr) {
    directory_ = there;
    return;
  }
  own_.emplace();
  directory_ = own_->path();
  start();
  ::setenv(inherited, directory_.c_str(), 1);
}

void cluster::start() {
  const fs::path data = directory_ / "data";
  const fs::path log = directory_ / "log";
  if (const passwd* const user = other_user(); user != nullptr) {
    if (::chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0) {
      throw std::runtime_error{"chown"};
    }
  }
  const pid_t made = spawn({programs() / "initdb", "--pgdata", data, "--username", "postgres",
                            "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"},
                           log);
  int status = -1;
  if (::waitpid(made, &status, 0) != made || status != 0) throw std::runtime_error{contents(log)};
  std::ofstream{data / "pg_hba.conf"} << "local all guarded scram-sha-256\n"
                                         "local all all trust\n";
  std::ofstream{data / "postgresql.conf", std::ios::app}
      << "listen_addresses = ''\nunix_socket_directories = '" << directory_.string()
      << "'\nfsync = on\nshared_buffers = 32MB\nmax_connections = 60\n";
  server_ = spawn({programs() / "postgres", "-D", data}, log);
  while (PQping(url("postgres").c_str()) != PQPING_OK) {
    if (::waitpid(server_, &status, WNOHANG) != 0) throw std::runtime_error{contents(log)};
    std::this_thread::yield();
  }
}

cluster::~cluster() {
  if (server_ == 0) return;
  ::kill(server_, SIGINT);
  ::waitpid(server_, nullptr, 0);
}

std::string cluster::url(const std::string& database, const std::string& user,
                         const std::string& more) const {
  return "postgres://" + user + "@/" + database + "?host=" + directory_.string() +
         (more.empty() ? more : "&" + more);
}

database::database() {
  static std::atomic<int> made = 0;
  name_ = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
  cluster::get().admin().ask("CREATE DATABASE " + name_);
}

database::~database() { cluster::get().admin().ask("DROP DATABASE " + name_ + " WITH (FORCE)"); }

}  // namespace factord::storage::testing
