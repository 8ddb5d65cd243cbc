// What this machine can do at most, measured beside the model, so that speeds can be judged on any machine.
#pragma once

#include "eigenformer/kernels/kernel_table.hpp"

namespace cli {

struct MachineLimits {
  double read_gb_s = 0;   ///< reading memory that is in no cache
  double f32_gflops = 0;  ///< the f32 product on operands that are in the cache; two operations a multiply-add
  double int8_gops = 0;   ///< the same of the 8-bit product
};

/// On `threads` threads at once, with these kernels; takes about two seconds.
MachineLimits measure_limits(const eigenformer::kernels::KernelTable& kernels, unsigned threads);

}  // namespace cli
