// A fuzz target without a fuzzer: every input of a folder, and some changes of each, always the same ones. A crash is
// the failure. For `make test`; `make fuzz` searches.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int count, char** arguments) {
  if (count != 2) return 2;
  constexpr int kChanges = 50;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[1])) files.push_back(entry.path());
  std::ranges::sort(files);
  std::mt19937 random(1);
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    for (int i = 0; i < kChanges && !bytes.empty(); ++i) {
      auto changed = bytes;
      for (auto n = random() % 4; n > 0; --n)
        changed[random() % changed.size()] ^= static_cast<std::uint8_t>(1U << random() % 8);
      if (random() % 8 == 0) changed.resize(random() % changed.size());
      LLVMFuzzerTestOneInput(changed.data(), changed.size());
    }
  }
  std::printf("%zu passed, 0 failed\n", files.size());
  return files.empty() ? 1 : 0;
}
