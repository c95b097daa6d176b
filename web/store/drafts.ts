// What was begun in a chat and not sent: of one account, kept in this browser until it is sent, and gone with the account. Beside the
// core's store, since it is nothing that anybody is told of; it lies as open there as messages do (docs/security.md).

import type { Id } from '../../schema/core';

const kPlace = 'kith.drafts';

interface Kept {
  user: Id;
  // By the person, or the group's conversation, that the text is for.
  texts: Record<Id, string>;
}

export class Drafts {
  private user_: Id | null = null;
  private readonly texts_ = new Map<Id, string>();

  constructor(private readonly storage_: () => Storage = () => window.localStorage) {}

  get(place: Id): string {
    return this.texts_.get(place) ?? '';
  }

  set(place: Id, text: string): void {
    if (this.get(place) === text) return;
    if (text === '') this.texts_.delete(place);
    else this.texts_.set(place, text);
    this.write();
  }

  // The account in this browser is this one: another one's drafts go.
  belongTo(user: Id): void {
    if (user === this.user_) return;
    this.user_ = user;
    this.texts_.clear();
    const kept = this.read();
    if (kept?.user !== user) this.write();
    else Object.entries(kept.texts).forEach(([place, text]) => this.texts_.set(place, text));
  }

  wipe(): void {
    this.user_ = null;
    this.texts_.clear();
    this.write();
  }

  private read(): Kept | null {
    try {
      const kept: unknown = JSON.parse(this.storage_().getItem(kPlace) ?? 'null');
      return isKept(kept) ? kept : null;
    } catch {
      return null;
    }
  }

  // Where the browser keeps nothing, or has no room, they last as long as the tab.
  private write(): void {
    try {
      if (this.user_ === null || this.texts_.size === 0) this.storage_().removeItem(kPlace);
      else {
        const kept: Kept = { user: this.user_, texts: Object.fromEntries(this.texts_) };
        this.storage_().setItem(kPlace, JSON.stringify(kept));
      }
    } catch {
      return;
    }
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null || !('user' in value) || !('texts' in value)) return false;
  const { user, texts } = value;
  if (typeof user !== 'string' || typeof texts !== 'object' || texts === null) return false;
  return Object.values(texts).every((text) => typeof text === 'string');
}
