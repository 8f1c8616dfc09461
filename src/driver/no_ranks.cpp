#include "driver/ranks.h"

namespace xpuq {

Result<std::unique_ptr<Ranks>> start_ranks() {
  return make_error("E210", "--mpi", "this xpuq was built without MPI", {}, {}, "build with -DXPUQ_MPI=ON (Debian: libopenmpi-dev), or use --shard I/N and --merge");
}

}  // namespace xpuq
