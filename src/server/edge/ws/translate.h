// The door between the domain's values and the wire's: the only place where both are named together.
#pragma once

#include "server/domain/archive.h"
#include "server/domain/entry.h"
#include "server/domain/error.h"
#include "server/domain/ports/bus.h"
#include "server/domain/ports/store.h"
#include "wire/frame.h"

namespace kith::server::edge {

// Payloads stay views into the same bytes.
wire::Entry to_wire(const domain::Entry& entry);
wire::Mail to_wire(const domain::Mail& mail);
wire::Cursor to_wire(const domain::UserCursor& cursor);
// Its payload lies in the block.
wire::ArchiveBlock to_wire(const domain::ArchiveBlock& block);
std::vector<wire::Cursor> to_wire(const std::vector<domain::UserCursor>& cursors);

// Codes that the wire does not have become `internal`; the detail of an internal error stays here.
wire::Error to_wire(const domain::Error& error);

// A frame as one unmasked binary WebSocket message.
domain::SharedBytes shared_message(const wire::Frame& frame);

}  // namespace kith::server::edge
