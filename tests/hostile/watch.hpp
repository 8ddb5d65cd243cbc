// Says which mutant it was where a program hangs or a sanitizer ends it.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <thread>

namespace eigenformer_tests::hostile {

/// Ends the program with the name of what is being done where that takes longer than a minute, and prints the name
/// where a sanitizer ends the program. One at a time.
class Watch {
 public:
  Watch();
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void begin(std::string name);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  bool over_ = false;
  std::thread thread_;
};

}  // namespace eigenformer_tests::hostile
