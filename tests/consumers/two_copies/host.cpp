// Lets both plugins work at the same time and prints what each came to, if their copies are two.
#include <iostream>
#include <thread>

#include "plugin.hpp"

int main(int, char** arguments) {
  PluginResult first{}, second{};
  std::thread other([&] { first_plugin(arguments[1], first); });
  second_plugin(arguments[1], second);
  other.join();
  if (first.its_own_code == second.its_own_code) return 1;
  std::cout << first.ids << "\n" << second.ids << "\n";
}
