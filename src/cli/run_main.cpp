#include "cli/run_command.h"

int main(int argc, char** argv) { return xpuq::cli::run_command(xpuq::cli::run_artifact_command, argc, argv); }
