// Editing and history by libedit (https://thrysoee.dk/editline/, BSD licence). Keys as in most shells; a user's
// ~/.editrc is honoured.
#include <histedit.h>
#include <langinfo.h>
#include <termios.h>
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <cstring>

#include "cli/line_editor.hpp"
#include "cli/system.hpp"

namespace cli {

namespace {

constexpr int k_history_lines = 1000;

/// libedit reads characters of the locale: where that knows no UTF-8 (LANG is not set), C.UTF-8 stands in.
void use_utf8() {
  if (std::strcmp(nl_langinfo(CODESET), "UTF-8") != 0) std::setlocale(LC_CTYPE, "C.UTF-8");
}

/// While a line is edited, Ctrl-C is a key that clears it, and signals nothing.
class InterruptIsAKey {
 public:
  InterruptIsAKey() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios mode = before_;
    mode.c_cc[VINTR] = _POSIX_VDISABLE;
    is_set_ = tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0;
  }
  ~InterruptIsAKey() {
    if (is_set_) tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
  }
  InterruptIsAKey(const InterruptIsAKey&) = delete;
  InterruptIsAKey& operator=(const InterruptIsAKey&) = delete;

 private:
  termios before_ = {};
  bool is_set_ = false;
};

class TerminalLineEditor final : public LineEditor {
 public:
  explicit TerminalLineEditor(const std::string& prompt)
      : prompt_(prompt), edit_(el_init("eigenformer", stdin, stdout, stderr)), history_(history_init()) {
    HistEvent event;
    history(history_.get(), &event, H_SETSIZE, k_history_lines);
    history(history_.get(), &event, H_SETUNIQUE, 1);
    el_set(edit_.get(), EL_CLIENTDATA, this);
    el_set(edit_.get(), EL_PROMPT, &TerminalLineEditor::prompt_of);
    el_set(edit_.get(), EL_EDITOR, "emacs");
    el_set(edit_.get(), EL_HIST, history, history_.get());
    el_source(edit_.get(), nullptr);
    el_set(edit_.get(), EL_BIND, "^C", "em-kill-line", nullptr);
  }

  std::optional<std::string> read() override {
    const InterruptIsAKey mode;
    int size = 0;
    const char* text = el_gets(edit_.get(), &size);
    if (text == nullptr || size <= 0) {
      std::fputc('\n', stdout);
      std::fflush(stdout);
      return std::nullopt;
    }
    std::string line(text, static_cast<std::size_t>(size));
    if (!line.empty() && line.back() == '\n') line.pop_back();
    HistEvent event;
    if (!line.empty()) history(history_.get(), &event, H_ENTER, line.c_str());
    return line;
  }

 private:
  struct EndEdit {
    void operator()(EditLine* edit) const { el_end(edit); }
  };
  struct EndHistory {
    void operator()(History* history) const { history_end(history); }
  };

  static char* prompt_of(EditLine* edit) {
    TerminalLineEditor* self = nullptr;
    el_get(edit, EL_CLIENTDATA, &self);
    return self->prompt_.data();
  }

  std::string prompt_;
  std::unique_ptr<EditLine, EndEdit> edit_;
  std::unique_ptr<History, EndHistory> history_;
};

}  // namespace

std::unique_ptr<LineEditor> make_line_editor(const std::string& prompt) {
  if (!is_terminal(StandardStream::input)) return make_plain_line_editor("");
  use_utf8();
  return std::make_unique<TerminalLineEditor>(prompt);
}

}  // namespace cli
