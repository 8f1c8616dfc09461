#include <cstdlib>

#include "cli/calibrate_command.h"

int main(int argc, char** argv) {
  // Between two forwards the observers run on threads of their own; a worker of the engine that spins at its barrier
  // meanwhile keeps a core from them (a fifth of the pictures a second on two cores). Read when the engine is loaded.
  ::setenv("OMP_WAIT_POLICY", "PASSIVE", 0);
  return xpuq::cli::run_command(xpuq::cli::calibrate_command, argc, argv);
}
