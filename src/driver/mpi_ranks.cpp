#include <mpi.h>

#include <cstdlib>
#include <limits>
#include <numeric>

#include "driver/ranks.h"

namespace xpuq {
namespace {

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    int provided = 0;
    MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank_);
    MPI_Comm_size(MPI_COMM_WORLD, &count_);
    MPI_Comm here;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &here);
    MPI_Comm_size(here, &here_);
    MPI_Comm_free(&here);
    char host[MPI_MAX_PROCESSOR_NAME];
    int length = 0;
    MPI_Get_processor_name(host, &length);
    host_.assign(host, static_cast<std::size_t>(length));
  }
  ~MpiRanks() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int count() const override { return count_; }
  int count_on_this_host() const override { return here_; }
  std::string name() const override { return "rank " + std::to_string(rank_) + " of " + std::to_string(count_) + " on " + host_; }

  Result<std::vector<std::string>> gather(const std::string& text) override {
    // Counts are ints in MPI, so all ranks must agree that the whole fits before anybody sends.
    unsigned long long mine = text.size(), all = 0;
    MPI_Allreduce(&mine, &all, 1, MPI_UNSIGNED_LONG_LONG, MPI_SUM, MPI_COMM_WORLD);
    if (all > static_cast<unsigned long long>(std::numeric_limits<int>::max()))
      return make_error("E101", "--mpi", "the statistics of all ranks are too large to be joined in memory", std::to_string(all) + " bytes", "below 2 GiB", "--shard I/N and --merge");
    const int length = static_cast<int>(text.size());
    std::vector<int> lengths(static_cast<std::size_t>(count_)), starts(lengths.size());
    MPI_Gather(&length, 1, MPI_INT, lengths.data(), 1, MPI_INT, 0, MPI_COMM_WORLD);
    std::exclusive_scan(lengths.begin(), lengths.end(), starts.begin(), 0);
    std::string joined(rank_ == 0 ? static_cast<std::size_t>(all) : 0, '\0');
    MPI_Gatherv(text.data(), length, MPI_CHAR, joined.data(), lengths.data(), starts.data(), MPI_CHAR, 0, MPI_COMM_WORLD);
    std::vector<std::string> texts;
    for (std::size_t r = 0; rank_ == 0 && r < lengths.size(); ++r) texts.push_back(joined.substr(static_cast<std::size_t>(starts[r]), static_cast<std::size_t>(lengths[r])));
    return texts;
  }

  void wait_for_all() override { MPI_Barrier(MPI_COMM_WORLD); }
  void end_job(int status) override {
    MPI_Abort(MPI_COMM_WORLD, status);
    std::abort();
  }

 private:
  int rank_ = 0, count_ = 1, here_ = 1;
  std::string host_;
};

}  // namespace

Result<std::unique_ptr<Ranks>> start_ranks() { return std::unique_ptr<Ranks>(std::make_unique<MpiRanks>()); }

}  // namespace xpuq
