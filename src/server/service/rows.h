// Loading one record of a partition: the row, decoded, with the version that a write of it must expect.
#pragma once

#include "server/domain/records.h"

namespace kith::server::service {

template <class T>
struct Loaded {
  T value;
  domain::Version version = 0;
};

// Nothing where the row is absent. Errors: those of the store; internal where the bytes are no such record.
template <class T>
Task<domain::Result<std::optional<Loaded<T>>>> load(domain::Store& store, domain::Partition partition,
                                                    domain::RowKey key) {
  KITH_CO_TRY(const auto row, co_await store.row(std::move(partition), std::move(key)));
  if (!row) co_return std::optional<Loaded<T>>{};
  auto value = domain::decode<T>(row->value);
  if (!value) co_return domain::fail(domain::Errc::internal, "a record that cannot be read");
  co_return std::optional<Loaded<T>>(Loaded<T>{std::move(*value), row->version});
}

// Whose account is reached at this address now.
inline Task<domain::Result<std::optional<UserId>>> owner_of(domain::Store& store, domain::AddressHash address) {
  KITH_CO_TRY(const auto row,
              co_await store.row(domain::address_partition(address.view()), {domain::RowKind::owner, {}}));
  co_return row ? UserId::from(row->value) : std::nullopt;
}

}  // namespace kith::server::service
