// Heads of encoders: they make of the last hidden states the outputs that ModelHead names. One that is about the whole
// text takes one row for it; those that are about each token compute the rows whose output is wanted.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "eigenformer/core/config.hpp"
#include "eigenformer/core/model_head.hpp"
#include "eigenformer/nn/feed_forward.hpp"
#include "eigenformer/nn/linear.hpp"
#include "eigenformer/nn/norm.hpp"
#include "eigenformer/nn/recorder.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::nn {

/// One vector for a text: activation(dense(its first or last row)). BERT's pooler is tanh of a layer over [CLS].
/// https://arxiv.org/abs/1810.04805, section 3.1
struct SequenceSummary {
  std::optional<Linear> dense;           ///< [width, hidden]; none: the row as it is
  std::optional<Activation> activation;  ///< none: none
  OutputRows row = OutputRows::first;

  /// [rows, hidden] -> [outputs, width]
  Value operator()(Recorder& r, Value x) const {
    x = r.outputs_only(x);                                // [outputs, hidden]
    if (dense) x = (*dense)(r, x);                        // [outputs, width]
    return activation ? activate(r, *activation, x) : x;  // [outputs, width]
  }
};

/// The hidden states themselves, and what the pooler makes of them where there is one.
struct HiddenStatesHead {
  std::optional<SequenceSummary> pooler;

  ModelHead kind() const { return ModelHead::none; }
  void record(Recorder& r, Value x) const {
    r.output("last_hidden_state", x);  // [rows, hidden]
    if (pooler) r.output("pooler_output", (*pooler)(r, x), pooler->row);
  }
};

/// Which token stands at each place: decoder(norm(activation(dense(x)))). BERT's transform,
/// https://github.com/google-research/bert/blob/eedf5716ce1268e56f0a50264a88cafad334ac61/run_pretraining.py#L240
struct MaskedLanguageHead {
  Linear dense;  ///< [embedding, hidden]
  Activation activation = Activation::gelu;
  LayerNorm norm;
  Linear decoder;  ///< [vocabulary, embedding]; its matrix may be that of the embedding

  ModelHead kind() const { return ModelHead::masked_language_model; }
  void record(Recorder& r, Value x) const {
    x = norm(r, activate(r, activation, dense(r, r.outputs_only(x))));  // [outputs, embedding]
    r.output("logits", decoder(r, x));                                  // [outputs, vocabulary]
  }
};

/// One line of scores for the whole text.
struct SequenceHead {
  ModelHead head = ModelHead::sequence_classification;
  SequenceSummary summary;
  Linear classifier;  ///< [labels, width]

  ModelHead kind() const { return head; }
  void record(Recorder& r, Value x) const {
    r.output("logits", classifier(r, summary(r, x)), summary.row);  // [outputs, labels]
  }
};

/// Masked tokens, and how two sentences follow each other.
struct PretrainingHead {
  MaskedLanguageHead predictions;
  SequenceSummary pooler;
  Linear relationship;            ///< [2, hidden]
  std::string relationship_name;  ///< of its output: "seq_relationship_logits", "sop_logits"

  ModelHead kind() const { return ModelHead::pretraining; }
  void record(Recorder& r, Value x) const {
    predictions.record(r, x);
    r.output(relationship_name, relationship(r, pooler(r, x)), pooler.row);  // [outputs, 2]
  }
};

/// Scores for each token.
struct TokenHead {
  Linear classifier;  ///< [labels, hidden]

  ModelHead kind() const { return ModelHead::token_classification; }
  void record(Recorder& r, Value x) const { r.output("logits", classifier(r, r.outputs_only(x))); }
};

/// Whether each token was replaced: prediction(activation(dense(x))). https://arxiv.org/abs/2003.10555, section 2
struct ReplacedTokenHead {
  FeedForward prediction;  ///< hidden -> hidden -> 1

  ModelHead kind() const { return ModelHead::replaced_token; }
  void record(Recorder& r, Value x) const { r.output("logits", prediction(r, r.outputs_only(x))); }
};

/// Where an answer begins and where it ends. https://arxiv.org/abs/1810.04805, section 4.2
struct SpanHead {
  Linear start, end;  ///< [1, hidden]

  SpanHead() = default;
  /// Claims `weight` [2, hidden] and `bias` [2]: the first row scores the start, the second the end.
  SpanHead(const WeightScope& w, std::size_t hidden) {
    const std::vector<std::vector<std::int32_t>> rows{{0}, {1}};
    std::vector<quant::PackedMatrix> parts = w.matrices("weight", {2, hidden}, FileLayout::outputs_first, rows);
    const std::vector<float> bias = w.vector("bias", 2);
    start = {std::move(parts[0]), {bias[0]}};
    end = {std::move(parts[1]), {bias[1]}};
  }

  ModelHead kind() const { return ModelHead::question_answering; }
  void record(Recorder& r, Value x) const {
    x = r.outputs_only(x);                  // [outputs, hidden]
    r.output("start_logits", start(r, x));  // [outputs, 1]
    r.output("end_logits", end(r, x));      // [outputs, 1]
  }
};

using EncoderHead = std::variant<HiddenStatesHead, MaskedLanguageHead, SequenceHead, PretrainingHead, TokenHead,
                                 ReplacedTokenHead, SpanHead>;

inline ModelHead kind_of(const EncoderHead& head) {
  return std::visit([](const auto& one) { return one.kind(); }, head);
}

/// Names the outputs; x holds the last hidden states of every row.
inline void record_head(Recorder& recorder, const EncoderHead& head, Value x) {
  std::visit([&](const auto& one) { one.record(recorder, x); }, head);
}

}  // namespace eigenformer::inline EIGENFORMER_ABI::nn
