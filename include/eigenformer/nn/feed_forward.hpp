// Feed-forward blocks: plain (two layers with an activation between) and gated.
#pragma once

#include <algorithm>

#include "eigenformer/core/config.hpp"
#include "eigenformer/nn/linear.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

using kernels::Activation;

/// activation(x), element by element: [rows, width] -> [rows, width].
inline Value activate(Recorder& recorder, Activation activation, Value x) {
  return recorder.rows(x.rows, {x}, x.width, [activation, x](Value y) -> RowBody {
    return [activation, x, y](const Step& step, std::size_t row) {
      const float* from = step.row(x, row);
      float* to = step.row(y, row);
      std::copy(from, from + x.width, to);
      step.kernels().activate(activation, to, x.width);
    };
  });
}

/// activation(gate) * up, element by element. https://arxiv.org/abs/2002.05202
inline Value activate_gated(Recorder& recorder, Activation activation, Value gate, Value up) {
  return recorder.rows(gate.rows, {gate, up}, gate.width, [=](Value y) -> RowBody {
    return [=](const Step& step, std::size_t row) {
      const float* from = step.row(gate, row);
      float* to = step.row(y, row);
      std::copy(from, from + gate.width, to);
      step.kernels().activate_gated(activation, to, step.row(up, row), gate.width);
    };
  });
}

/// down(activation(up(x))). https://arxiv.org/abs/1706.03762, section 3.3
struct FeedForward {
  Linear up;    ///< [inner, hidden]
  Linear down;  ///< [hidden, inner]
  Activation activation = Activation::gelu;

  Value operator()(Recorder& recorder, Value x) const {
    const Value inner = activate(recorder, activation, up(recorder, x));  // [rows, inner]
    return down(recorder, inner);                                         // [rows, hidden]
  }
};

/// down(activation(gate(x)) * up(x)). https://arxiv.org/abs/2002.05202
struct GatedFeedForward {
  Linear gate;  ///< [inner, hidden]
  Linear up;    ///< [inner, hidden]
  Linear down;  ///< [hidden, inner]
  Activation activation = Activation::silu;

  Value operator()(Recorder& recorder, Value x) const {
    const Value gate_x = gate(recorder, x);                                             // [rows, inner]
    const Value inner = activate_gated(recorder, activation, gate_x, up(recorder, x));  // [rows, inner]
    return down(recorder, inner);                                                       // [rows, hidden]
  }
};

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
