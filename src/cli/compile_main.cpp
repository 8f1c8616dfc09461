#include "cli/compile_command.h"

int main(int argc, char** argv) { return xpuq::cli::run_command(xpuq::cli::compile_command, argc, argv); }
