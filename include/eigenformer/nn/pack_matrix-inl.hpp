#pragma once

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "eigenformer/kernels/floating_point_guard.hpp"
#include "eigenformer/nn/pack_matrix.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

namespace pack_matrix_detail {

/// Panels that are claimed run by run, by whoever is free.
class PackWork {
 public:
  PackWork(quant::PackedMatrix& matrix, const quant::PackSource& source) : matrix_(matrix), source_(source) {}

  std::size_t runs() const { return (matrix_.panels() + k_run - 1) / k_run; }
  Work work() noexcept { return {&PackWork::pack_runs, this}; }
  void rethrow() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  /// Panels of one claim: a hundred kilobytes or so, beside which the claim is nothing.
  static constexpr std::size_t k_run = 16;

  static void pack_runs(void* context, unsigned) noexcept { static_cast<PackWork*>(context)->pack_runs(); }

  void pack_runs() noexcept {
    const kernels::FloatingPointGuard guard;
    try {
      for (;;) {
        const std::size_t first = k_run * next_.fetch_add(1, std::memory_order_relaxed);
        if (first >= matrix_.panels()) return;
        quant::pack_panels(matrix_, source_, first, std::min(k_run, matrix_.panels() - first));
      }
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  quant::PackedMatrix& matrix_;
  const quant::PackSource& source_;
  std::atomic<std::size_t> next_ = 0;
  std::mutex mutex_;
  std::exception_ptr error_;
};

}  // namespace pack_matrix_detail

EIGENFORMER_INLINE quant::PackedMatrix pack_matrix(const quant::PackSource& source, quant::MatrixSize size,
                                                   quant::PanelMemory& memory, Executor* executor) {
  quant::PackedMatrix matrix = quant::make_packed(source, size, memory);
  pack_matrix_detail::PackWork packing(matrix, source);
  if (executor == nullptr || packing.runs() < 2) {
    packing.work()(0);
  } else {
    executor->run(static_cast<unsigned>(std::min<std::size_t>(executor->concurrency(), packing.runs())),
                  packing.work());
  }
  packing.rethrow();
  return matrix;
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
