import { describe, expect, it } from 'vitest';
import type { Message } from '../../schema/core';
import * as threads from './thread';
import { kPageSize, kWindowSize } from './thread';

function message(order: number, extra: Partial<Message> = {}): Message {
  return {
    conversation: 'c',
    id: `id-${order}`,
    order,
    seq: order,
    sender: 'me',
    mine: true,
    sent_ms: order,
    state: 'sent',
    text: `${order}`,
    ...extra,
  };
}

class Log {
  readonly messages: Message[] = [];

  add(count: number): void {
    for (let index = 0; index < count; index++) this.messages.push(message(this.messages.length + 1));
  }

  page({ before, limit }: threads.PageRequest) {
    const all = this.messages.filter((m) => before === undefined || m.order < before);
    return { messages: all.slice(-limit), more: all.length > limit };
  }

  older(thread: threads.Thread): threads.Thread {
    const { messages, more } = this.page(threads.olderPage(thread));
    return threads.addOlder(thread, messages, more);
  }

  newer(thread: threads.Thread): threads.Thread {
    return threads.addNewer(thread, this.page(threads.newerPage(thread)).messages);
  }
}

function orders(thread: threads.Thread): number[] {
  return thread.messages.map((m) => m.order);
}

function expectContiguous(thread: threads.Thread): void {
  const all = orders(thread);
  all.forEach((order, index) => expect(order).toBe((all[0] ?? 0) + index));
  expect(all.length).toBeLessThanOrEqual(kWindowSize);
}

describe('what is gone', () => {
  it('leaves the rest as it was', () => {
    const thread = threads.addOlder(threads.emptyThread('c'), [message(1), message(2), message(3)], false);
    expect(orders(threads.remove(thread, 'id-2'))).toEqual([1, 3]);
    expect(threads.remove(thread, 'id-9')).toBe(thread);
  });
});

describe('a thread', () => {
  it('reads a long log back to its beginning and forward again in a bounded window without a gap', () => {
    const log = new Log();
    log.add(1234);
    let thread = log.older(threads.emptyThread('c'));
    while (thread.more) {
      thread = log.older(thread);
      expectContiguous(thread);
    }
    expect(orders(thread)[0]).toBe(1);
    expect(threads.atEnd(thread)).toBe(false);
    while (!threads.atEnd(thread)) {
      thread = log.newer(thread);
      expectContiguous(thread);
    }
    expect(orders(thread).at(-1)).toBe(1234);
    expect(thread.more).toBe(true);
  });

  it('finds what came in while the reader was far back', () => {
    const log = new Log();
    log.add(500);
    let thread = threads.emptyThread('c');
    for (let page = 0; page < 8; page++) thread = log.older(thread);
    for (let index = 0; index < 70; index++) {
      log.add(1);
      thread = threads.put(thread, message(log.messages.length));
    }
    expect(orders(thread).at(-1)).toBeLessThan(500);
    while (!threads.atEnd(thread)) {
      thread = log.newer(thread);
      expectContiguous(thread);
    }
    expect(orders(thread).at(-1)).toBe(570);
  });

  it('keeps its window bounded while messages pour in', () => {
    const log = new Log();
    log.add(10);
    let thread = log.older(threads.emptyThread('c'));
    for (let order = 11; order <= 1000; order++) thread = threads.put(thread, message(order));
    expectContiguous(thread);
    expect(orders(thread).at(-1)).toBe(1000);
    expect(thread.more).toBe(true);
  });

  it('moves a pending message to its place in the log without doubling it', () => {
    let thread = threads.addOlder(threads.emptyThread('c'), [message(1)], false);
    const pending = message(1_000_000, { id: 'mine', state: 'pending' });
    delete pending.seq;
    thread = threads.put(thread, pending);
    thread = threads.put(thread, message(2, { id: 'theirs', mine: false, state: 'received' }));
    expect(thread.messages.map((m) => m.id)).toEqual(['id-1', 'theirs', 'mine']);
    thread = threads.put(thread, message(3, { id: 'mine', state: 'sent' }));
    expect(thread.messages.map((m) => m.id)).toEqual(['id-1', 'theirs', 'mine']);
    expect(thread.messages.at(-1)?.seq).toBe(3);
  });

  it('keeps a message that arrives before its first page', () => {
    let thread: threads.Thread = { ...threads.emptyThread('c'), loading: 'older' };
    thread = threads.put(thread, message(3));
    thread = threads.addOlder(thread, [message(1), message(2)], false);
    expect(orders(thread)).toEqual([1, 2, 3]);
  });

  it('moves receipts forward only', () => {
    const received = message(2, { mine: false, state: 'received' });
    let thread = threads.addOlder(
      threads.emptyThread('c'),
      [message(1), received, message(3), message(4)],
      false,
    );
    thread = threads.receipts(thread, 3, 1);
    expect(thread.messages.map((m) => m.state)).toEqual(['read', 'received', 'delivered', 'sent']);
    expect(threads.receipts(thread, 1, 0)).toBe(thread);
  });

  it('is trimmed to its last page when the chat is left', () => {
    const log = new Log();
    log.add(200);
    let thread = threads.emptyThread('c');
    for (let page = 0; page < 4; page++) thread = log.older(thread);
    thread = threads.trimmed(thread);
    expect(orders(thread)).toHaveLength(kPageSize);
    expect(orders(thread).at(-1)).toBe(200);
    expect(thread.more).toBe(true);
  });
});
