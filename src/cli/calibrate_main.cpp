#include "cli/calibrate_command.h"

int main(int argc, char** argv) { return xpuq::cli::run_command(xpuq::cli::calibrate_command(), argc, argv); }
