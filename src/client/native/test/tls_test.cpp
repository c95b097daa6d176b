#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <thread>

#include "client/native/stream.h"
#include "client/native/test/peer.h"
#include "client/native/test/temporary_directory.h"

namespace kith::client::native {
namespace {

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* p) const { kFree(p); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;

// A certificate that signs itself, for this host name.
struct Identity {
  explicit Identity(const std::string& host) : key(EVP_EC_gen("P-256")), certificate(X509_new()) {
    X509* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -60);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key.get());
    X509_NAME* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(host.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    const std::string alternative = "DNS:" + host;
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, alternative.c_str());
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    KITH_CHECK(X509_sign(x, key.get(), EVP_sha256()) > 0);
  }
  void save(const std::filesystem::path& path, const char* mode) const {
    FILE* file = std::fopen(path.c_str(), mode);
    KITH_CHECK(file != nullptr && PEM_write_X509(file, certificate.get()) == 1);
    std::fclose(file);
  }
  Key key;
  Certificate certificate;
};

// Accepts one TLS connection on a thread of its own and answers the first bytes with the same.
class TlsEcho {
 public:
  TlsEcho(const Identity& identity, int listener) : thread_([&identity, listener] { serve(identity, listener); }) {}
  TlsEcho(const TlsEcho&) = delete;
  TlsEcho& operator=(const TlsEcho&) = delete;
  ~TlsEcho() { thread_.join(); }

 private:
  static void serve(const Identity& identity, int listener) {
    const File connection(::accept(listener, nullptr, nullptr));
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, identity.certificate.get());
    SSL_CTX_use_PrivateKey(context, identity.key.get());
    SSL* ssl = SSL_new(context);
    SSL_set_fd(ssl, connection.get());
    char buffer[64];
    if (SSL_accept(ssl) == 1) {
      const int n = SSL_read(ssl, buffer, sizeof buffer);
      if (n > 0) SSL_write(ssl, buffer, n);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
  }
  std::thread thread_;
};

class TlsTest : public testing::Test {
 protected:
  // Which authorities are trusted is read once, at the first connection.
  static void SetUpTestSuite() {
    std::signal(SIGPIPE, SIG_IGN);
    directory = new TemporaryDirectory;
    trusted = new Identity("localhost");
    trusted_elsewhere = new Identity("kith.example");
    unknown = new Identity("localhost");
    const auto path = directory->path() / "authorities.pem";
    trusted->save(path, "w");
    trusted_elsewhere->save(path, "a");
    ::setenv("SSL_CERT_FILE", path.c_str(), 1);
  }
  static void TearDownTestSuite() {
    ::unsetenv("SSL_CERT_FILE");
    delete unknown;
    delete trusted_elsewhere;
    delete trusted;
    delete directory;
  }

  // What comes back of "hello", or why nothing does.
  std::expected<std::string, Errc> echo_through(const Identity& identity) {
    const File listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    KITH_CHECK(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    KITH_CHECK(::listen(listener.get(), 1) == 0);
    KITH_CHECK(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const TlsEcho server(identity, listener.get());
    std::expected<std::string, Errc> result;
    std::unique_ptr<Stream> stream;
    const StreamEvents events{.opened = [&] { stream->write(to_bytes("hello")); },
                              .received =
                                  [&](ByteSpan bytes) {
                                    result->append(as_text(bytes));
                                    if (*result == "hello") loop.stop();
                                  },
                              .closed =
                                  [&](const Failure<Errc>& why) {
                                    result = std::unexpected(why.code);
                                    loop.stop();
                                  }};
    stream = Stream::connect(loop, {.tls = true, .host = "localhost", .port = ntohs(address.sin_port)}, events);
    EXPECT_TRUE(runs_to_its_end(loop));
    return result;
  }

  Loop loop;
  static inline TemporaryDirectory* directory;
  static inline Identity *trusted, *trusted_elsewhere, *unknown;
};

TEST_F(TlsTest, a_server_with_a_trusted_certificate_of_its_name_is_spoken_to) {
  const auto echo = echo_through(*trusted);
  ASSERT_TRUE(echo);
  EXPECT_EQ(*echo, "hello");
}

TEST_F(TlsTest, a_certificate_that_nobody_vouches_for_is_refused) {
  const auto echo = echo_through(*unknown);
  ASSERT_FALSE(echo);
  EXPECT_EQ(echo.error(), Errc::untrusted);
}

TEST_F(TlsTest, a_trusted_certificate_of_another_name_is_refused) {
  const auto echo = echo_through(*trusted_elsewhere);
  ASSERT_FALSE(echo);
  EXPECT_EQ(echo.error(), Errc::untrusted);
}

}  // namespace
}  // namespace kith::client::native
