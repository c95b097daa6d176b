// @vitest-environment node
import { describe, expect, it, vi } from 'vitest';
import type { Event } from '../../schema/core';
import type { Batch, Machine, Output, Row, Transmit } from './machine';
import { Fenced } from './rows';
import type { Rows } from './rows';
import { Shell } from './shell';
import type { Reports } from './transport';

const bytes = (text: string) => new TextEncoder().encode(text);

function output(parts: Partial<Output> & { write?: string }): Output {
  const { write, ...rest } = parts;
  const writes = write === undefined ? [] : [{ key: bytes(write), value: bytes('v') }];
  return { persist: { generation: 7n, writes }, transmit: [], show: [], load: [], wakeAt: null, ...rest };
}

const warning = (message: string) => JSON.stringify({ type: 'warning', code: 'x', message });
const frame = (socket: number): Transmit => ({ kind: 'send_frame', socket, frame: new Uint8Array() });

function wordFor(event: Event): string {
  if (event.type === 'stopped') return event.reason;
  return 'message' in event ? String(event.message) : event.type;
}

// A machine that answers each command with the output that the test wrote down under its text.
function setUp(script: Record<string, Output>) {
  const done: string[] = [];
  const writes: { batch: Batch; finish: () => void; fail: (reason: Error) => void }[] = [];
  let reports: Reports | undefined;
  const inputs: string[] = [];
  const answer = (input: string) => {
    inputs.push(input);
    return script[input] ?? output({});
  };
  const machine: Machine = {
    start: (_now, boot) => answer(`start ${boot.length}`),
    command: (_now, json) => answer(json),
    socketOpened: (_now, socket) => answer(`opened ${socket}`),
    socketFrame: (_now, socket) => answer(`frame ${socket}`),
    socketClosed: (_now, socket) => answer(`closed ${socket}`),
    httpResponse: (_now, id, status) => answer(`http ${id} ${status}`),
    loaded: (_now, id, rows: Row[]) => answer(`loaded ${id} ${rows.length}`),
    tick: () => answer('tick'),
    destroy: () => done.push('destroy'),
  };
  const rows: Rows = {
    boot: () => Promise.resolve([{ key: bytes('b1'), value: bytes('v') }]),
    read: () => Promise.resolve([{ key: bytes('b1'), value: bytes('v') }]),
    write: (batch) =>
      new Promise((resolve, reject) => {
        done.push(`persist ${batch.writes.map((w) => new TextDecoder().decode(w.key)).join('+')}`);
        writes.push({ batch, finish: resolve, fail: reject });
      }),
    close: () => done.push('close'),
  };
  const shell = new Shell({
    machine,
    rows,
    now: () => Date.now(),
    transport: (given) => {
      reports = given;
      return {
        transmit: (what) => done.push(`${what.kind} ${what.kind === 'http' ? what.id : what.socket}`),
        cut: () => done.push('cut'),
        stop: () => done.push('transport stopped'),
      };
    },
    crashed: (reason) => done.push(`crashed ${String(reason)}`),
    show: (events: Event[]) => done.push(`show ${events.map(wordFor).join('+')}`),
  });
  return { shell, done, writes, inputs, reports: () => reports };
}

async function turn(): Promise<void> {
  for (let index = 0; index < 20; index++) await Promise.resolve();
}

describe('the shell', () => {
  it('transmits and shows nothing before it is persisted', async () => {
    const { shell, done, writes } = setUp({
      a: output({ write: 'k1', transmit: [frame(1)], show: [warning('shown')] }),
    });
    shell.command('a');
    await turn();
    expect(done).toEqual(['persist k1']);
    writes[0]?.finish();
    await turn();
    expect(done).toEqual(['persist k1', 'send_frame 1', 'show shown']);
  });

  it('merges what came in while it was writing into one batch, the last write of a key winning', async () => {
    const { shell, done, writes } = setUp({
      a: output({ write: 'k1', transmit: [frame(1)] }),
      b: output({ write: 'k2', transmit: [frame(2)], show: [warning('b')] }),
      c: output({ write: 'k2', transmit: [frame(3)], show: [warning('c')] }),
    });
    for (const command of ['a', 'b', 'c']) shell.command(command);
    await turn();
    writes[0]?.finish();
    await turn();
    writes[1]?.finish();
    await turn();
    expect(done).toEqual([
      'persist k1',
      'send_frame 1',
      'persist k2',
      'send_frame 2',
      'send_frame 3',
      'show b+c',
    ]);
  });

  it('keeps what needs no writing behind what does', async () => {
    const { shell, done, writes } = setUp({
      a: output({ write: 'k1', transmit: [frame(1)] }),
      b: output({ transmit: [frame(2)] }),
    });
    shell.command('a');
    shell.command('b');
    await turn();
    expect(done).toEqual(['persist k1']);
    writes[0]?.finish();
    await turn();
    expect(done).toEqual(['persist k1', 'send_frame 1', 'send_frame 2']);
  });

  it.each([
    ['taken_over', new Fenced()],
    ['storage_failed', new Error('disk full')],
  ])('stops with %s when a batch cannot be written, and sends nothing of it', async (reason, failure) => {
    const { shell, done, writes, inputs, reports } = setUp({
      a: output({ write: 'k1', transmit: [frame(1)] }),
    });
    shell.command('a');
    shell.command('b');
    await turn();
    writes[0]?.fail(failure);
    await turn();
    expect(done.filter((each) => each.startsWith('send_frame'))).toEqual([]);
    expect(done.slice(1)).toEqual(['transport stopped', 'close', 'destroy', `show ${reason}`]);
    reports()?.socketOpened(1);
    shell.command('c');
    expect(inputs).toEqual(['a', 'b']);
  });

  it('starts from the boot rows, and answers a load with rows', async () => {
    const load = { id: 5, from: bytes('m'), to: bytes('n'), limit: 2, reverse: false };
    const { shell, inputs } = setUp({ 'start 1': output({ load: [load] }) });
    await shell.start();
    await turn();
    expect(inputs).toEqual(['start 1', 'loaded 5 1']);
  });

  it('ticks when the newest output wanted it, and at no earlier one’s time', async () => {
    vi.useFakeTimers({ now: 1000 });
    const { shell, inputs } = setUp({
      a: output({ wakeAt: 1100 }),
      b: output({ wakeAt: 1500 }),
      c: output({ wakeAt: null }),
    });
    shell.command('a');
    shell.command('b');
    await vi.advanceTimersByTimeAsync(400);
    expect(inputs).toEqual(['a', 'b']);
    await vi.advanceTimersByTimeAsync(150);
    expect(inputs).toEqual(['a', 'b', 'tick']);
    shell.command('b');
    shell.command('c');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(inputs.filter((input) => input === 'tick')).toHaveLength(1);
    vi.useRealTimers();
  });

  it('ends, and sends nothing more, when the core crashes', async () => {
    const script = { a: output({ write: 'k1', transmit: [frame(1)] }) };
    Object.defineProperty(script, 'b', {
      get: () => {
        throw new Error('unreachable');
      },
    });
    const { shell, done, writes } = setUp(script);
    shell.command('a');
    await turn();
    shell.command('b');
    writes[0]?.finish();
    await turn();
    expect(done).toEqual([
      'persist k1',
      'transport stopped',
      'close',
      'destroy',
      'crashed Error: unreachable',
    ]);
  });

  it('ends when the core stops itself', async () => {
    const stopped = JSON.stringify({ type: 'stopped', reason: 'logged_out', message: 'bye' });
    const { shell, done, inputs } = setUp({ a: output({ show: [stopped] }) });
    shell.command('a');
    await turn();
    expect(done).toEqual(['show logged_out', 'transport stopped', 'close', 'destroy']);
    shell.command('b');
    expect(inputs).toEqual(['a']);
  });

  it('does not show answers to commands of its own', async () => {
    const reconnect = JSON.stringify({ id: 0, type: 'reconnect' });
    const { shell, done, inputs } = setUp({
      [reconnect]: output({ show: [JSON.stringify({ type: 'done', id: 0 })] }),
    });
    shell.online();
    await turn();
    expect(inputs).toEqual([reconnect]);
    expect(done).toEqual([]);
  });
});
