// The verifier of programs: written apart from the recorder and the barrier pass, from the facts of program and plan
// alone. Run before a section is written and again when one is read: what it does not accept is never submitted.
#pragma once

#include <string>

#include "gpu/program.h"
#include "plan/plan.h"

namespace xpuq::gpu {

/// The first broken rule as a sentence, or an empty string. Accepts any contents of `program`; `plan` is verified.
/// - the program was made for this plan, and inputs, outputs and values lie where its types want them
/// - every range is inside its arena and begins at a multiple of kGpuAlignment (parts of scratch: kPartAlignment)
/// - every launch names a kernel of its module, gives each argument as what the module says it is, and stays within
///   the limits of group sizes and counts
/// - the set-up alone writes raw and constant memory, an inference alone reads inputs and writes outputs
/// - nothing is read that was not written, in the first inference as in every later one
/// - between two commands that must not be exchanged there is a barrier
/// - an inference writes every byte of the outputs
/// What machine code does inside the ranges that it was given is beyond any verifier.
std::string verify(const Program& program, const Plan& plan);

/// SHA-256 of everything in a plan that a program depends on: types, places and order of its values, steps with their
/// attributes, and constants' sizes; names and origins are left out.
std::string plan_digest(const Plan& plan);

}  // namespace xpuq::gpu
