// The JavaScript side of src/crypto/host: libsodium for a Kith WebAssembly module, and the few WASI calls that its libc makes.
// Used by the web client's worker and by the tests under Node alike.

/**
 * Imports for WebAssembly.instantiate.
 * @param sodium  libsodium-wrappers-sumo, after `await sodium.ready`
 * @param memory  a function that gives the instance's WebAssembly.Memory (it exists only after instantiation)
 * @param log     takes the text that the module writes to its standard output and error
 */
export function kithImports(sodium, memory, log = console.error) {
  // Memory may grow at any call, so views are made anew each time. libsodium-wrappers copies what it is given.
  const at = (address, size) => new Uint8Array(memory().buffer, address, size);
  const put = (address, bytes) => at(address, bytes.length).set(bytes);
  const number = () => new DataView(memory().buffer);
  // Refused input is an exception in libsodium-wrappers and 0 here.
  const attempt = (out, compute) => {
    let result;
    try {
      result = compute();
    } catch {
      return 0;
    }
    put(out, result);
    return 1;
  };

  const kith_host = {
    random: (out, size) => put(out, sodium.randombytes_buf(size)),
    sha256: (data, size, out) => put(out, sodium.crypto_hash_sha256(at(data, size))),
    hmac_sha256(key, keySize, data, size, more, moreSize, out) {
      const state = sodium.crypto_auth_hmacsha256_init(at(key, keySize));
      sodium.crypto_auth_hmacsha256_update(state, at(data, size));
      sodium.crypto_auth_hmacsha256_update(state, at(more, moreSize));
      put(out, sodium.crypto_auth_hmacsha256_final(state));
    },
    x25519: (privateKey, publicKey, out) =>
      attempt(out, () => sodium.crypto_scalarmult(at(privateKey, 32), at(publicKey, 32))),
    x25519_base: (privateKey, out) => attempt(out, () => sodium.crypto_scalarmult_base(at(privateKey, 32))),
    ed25519_public_key: (seed, out) => put(out, sodium.crypto_sign_seed_keypair(at(seed, 32)).publicKey),
    ed25519_sign(seed, publicKey, message, size, out) {
      // libsodium's secret key is the seed followed by the public key.
      const secret = new Uint8Array(64);
      secret.set(at(seed, 32));
      secret.set(at(publicKey, 32), 32);
      put(out, sodium.crypto_sign_detached(at(message, size), secret));
      secret.fill(0);
    },
    ed25519_verify(publicKey, message, size, signature) {
      try {
        return sodium.crypto_sign_verify_detached(at(signature, 64), at(message, size), at(publicKey, 32)) ? 1 : 0;
      } catch {
        return 0;
      }
    },
    chacha20poly1305_seal: (key, nonce, aad, aadSize, plaintext, size, out) =>
      put(out, sodium.crypto_aead_chacha20poly1305_ietf_encrypt(
        at(plaintext, size), at(aad, aadSize), null, at(nonce, 12), at(key, 32))),
    chacha20poly1305_open: (key, nonce, aad, aadSize, ciphertext, size, out) =>
      attempt(out, () => sodium.crypto_aead_chacha20poly1305_ietf_decrypt(
        null, at(ciphertext, size), at(aad, aadSize), at(nonce, 12), at(key, 32))),
  };

  const kBadFile = 8;
  const wasi_snapshot_preview1 = {
    proc_exit(code) {
      throw new Error(`the module ended with code ${code}`);
    },
    fd_write(fd, parts, count, written) {
      if (fd !== 1 && fd !== 2) return kBadFile;
      let text = '';
      let total = 0;
      for (let i = 0; i < count; ++i) {
        const address = number().getUint32(parts + 8 * i, true);
        const size = number().getUint32(parts + 8 * i + 4, true);
        text += new TextDecoder().decode(at(address, size));
        total += size;
      }
      number().setUint32(written, total, true);
      if (text) log(text.replace(/\n$/, ''));
      return 0;
    },
    fd_read: () => kBadFile,
    fd_close: () => kBadFile,
    fd_seek: () => kBadFile,
    fd_fdstat_get: () => kBadFile,
    environ_get: () => 0,
    environ_sizes_get(count, size) {
      number().setUint32(count, 0, true);
      number().setUint32(size, 0, true);
      return 0;
    },
  };

  return { kith_host, wasi_snapshot_preview1 };
}
