// A cipher suite that protects nothing. Anybody who has read toy.cpp can forge its signatures, divide its secrets out
// of its public keys and open its ciphertexts. It is here because most of a simulated run is spent in Ed25519 and
// X25519, which are not what is being tested: with this in their place the same minute goes through many more seeds. It
// is linked into the simulator and its tests, and nowhere else; no target under src/ names it.
//
// What the code above may rely on holds all the same: what was not sealed or signed so is refused, by chance as surely
// as a 64-bit number is hit; keys and points that nobody made are refused; Diffie-Hellman commutes; all is
// deterministic. HMAC takes short keys as if they were filled with zeros, as the real one does. More is refused than in
// reality: every public key that this suite did not make, where X25519 takes any bytes but some.
#pragma once

#include "crypto/primitives.h"

namespace kith::sim {

// Whether suite 0x0003 is the toy from here on, in this process; it is libsodium's until somebody says so. Keys and
// ciphertexts of one are garbage to the other, so this is said before anything is made. Not for several threads.
void use_toy_crypto(bool toy);
[[nodiscard]] bool is_toy_crypto();

// Sizes as in suite 0x0003; a hash of 32, 48 or 64 bytes.
[[nodiscard]] const crypto::Primitives& toy_primitives();

}  // namespace kith::sim
