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
/// - a command works for a step that is not fused into another; those of one step of an inference are neighbours
/// - every launch names a kernel of its module, gives each argument as what the module says it is, and stays within
///   the limits of group sizes and counts
/// - the set-up alone writes raw and constant memory, an inference alone reads inputs and writes outputs
/// - a command of the set-up that touches work memory touches nothing else, and needs no constant of the plan
/// - nothing is read that was not written, in the first inference as in every later one
/// - when a step begins, the memory of every value that it reads holds that value: no later step has written there
/// - between two commands that must not be exchanged there is a barrier
/// - an inference writes every byte of the outputs
/// What machine code does inside the ranges that it was given is beyond any verifier.
std::string verify(const Program& program, const Plan& plan);

/// SHA-256 of everything in a plan that a program depends on: types, places and order of its values, steps with their
/// attributes, and constants' sizes; names and origins are left out. So are the contents of constants, on which literals
/// of a program may depend: a program belongs to one artifact, or has to be kept with a hash of them.
std::string plan_digest(const Plan& plan);

}  // namespace xpuq::gpu
