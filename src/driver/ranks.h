// Processes that an MPI job runs together. Built with -DXPUQ_MPI=ON; without, starting them is an error that says so.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "xpuq/result.h"

namespace xpuq {

class Ranks {
 public:
  virtual ~Ranks() = default;
  virtual int rank() const = 0;
  virtual int count() const = 0;
  virtual int count_on_this_host() const = 0;
  /// "rank 2 of 4 on node7"
  virtual std::string name() const = 0;
  /// The texts of all ranks, in their order, on rank 0; empty elsewhere. All ranks call it. E101 when they are together
  /// above 2 GiB.
  virtual Result<std::vector<std::string>> gather(const std::string& text) = 0;
  /// All ranks have come here.
  virtual void wait_for_all() = 0;
  /// Ends the whole job with this exit status.
  [[noreturn]] virtual void end_job(int status) = 0;
};

/// The job that this process is part of; one rank when mpirun did not start it. E210: built without MPI.
Result<std::unique_ptr<Ranks>> start_ranks();

}  // namespace xpuq
