#include "tests/unit/storage/postgres/server.hpp"

#include <fcntl.h>
#include <grp.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "tests/unit/support/temp_directory.hpp"

namespace factord::storage::testing {

namespace {

namespace fs = std::filesystem;

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

void run(const std::vector<std::string>& words, const fs::path& log) {
  const pid_t made = spawn(words, log);
  int status = -1;
  if (::waitpid(made, &status, 0) != made || status != 0) throw std::runtime_error{contents(log)};
}

void give(const fs::path& directory) {
  const passwd* const user = other_user();
  if (user != nullptr && ::chown(directory.c_str(), user->pw_uid, user->pw_gid) != 0) {
    throw std::runtime_error{"chown"};
  }
}

/// What initdb makes, which takes longer than to copy it.
const fs::path& new_data() {
  static const temp_directory in;
  static const fs::path made = [] {
    give(in.path());
    run({programs() / "initdb", "--pgdata", in.path() / "data", "--username", "postgres", "--auth",
         "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"},
        in.path() / "log");
    std::ofstream{in.path() / "data" / "pg_hba.conf"} << "local all guarded scram-sha-256\n"
                                                         "local all all trust\n"
                                                         "local replication all trust\n";
    return in.path() / "data";
  }();
  return made;
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

postgres_server::postgres_server(fs::path directory, const std::string& settings)
    : directory_(std::move(directory)) {
  give(directory_);
  run({"/bin/cp", "--archive", new_data(), directory_ / "data"}, directory_ / "log");
  configure(settings);
  start();
}

postgres_server::postgres_server(fs::path directory, const postgres_server& primary,
                                 const std::string& name)
    : directory_(std::move(directory)) {
  give(directory_);
  run({programs() / "pg_basebackup", "--pgdata", directory_ / "data", "--host", primary.directory_,
       "--username", "postgres", "--write-recovery-conf", "--wal-method", "stream", "--checkpoint",
       "fast", "--no-sync"},
      directory_ / "log");
  configure("cluster_name = '" + name + "'\nwal_retrieve_retry_interval = 200ms\n");
  start();
}

void postgres_server::configure(const std::string& settings) const {
  std::ofstream{directory_ / "data" / "postgresql.conf", std::ios::app}
      << "listen_addresses = ''\nunix_socket_directories = '" << directory_.string()
      << "'\nfsync = on\nshared_buffers = 32MB\nmax_connections = 60\n"
      << settings;
}

void postgres_server::start() {
  const fs::path log = directory_ / "log";
  process_ = spawn({programs() / "postgres", "-D", directory_ / "data"}, log);
  while (PQping(url_in(directory_, "postgres").c_str()) != PQPING_OK) {
    if (::waitpid(process_, nullptr, WNOHANG) != 0) throw std::runtime_error{contents(log)};
    std::this_thread::yield();
  }
}

void postgres_server::stop() {
  if (process_ == 0) return;
  ::kill(process_, SIGQUIT);
  ::waitpid(process_, nullptr, 0);
  process_ = 0;
}

void postgres_server::promote() {
  run({programs() / "pg_ctl", "promote", "--pgdata", directory_ / "data"}, directory_ / "log");
}

std::string postgres_server::url_in(const fs::path& directory, const std::string& database,
                                    const std::string& user, const std::string& more) {
  return "postgres://" + user + "@/" + database + "?host=" + directory.string() +
         (more.empty() ? more : "&" + more);
}

}  // namespace factord::storage::testing
