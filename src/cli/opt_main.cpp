#include "cli/opt_command.h"

int main(int argc, char** argv) { return xpuq::cli::run_command(xpuq::cli::opt_command, argc, argv); }
