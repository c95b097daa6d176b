// Carries out the core's outputs, strictly in order: persist -> transmit -> show (the contract of the shell, core.h). Inputs may
// come while earlier outputs are still being written; outputs that wait are merged into one batch.
//
// Owns the core's life: it ends when the state is taken over, when a batch cannot be persisted, when the core stops itself, and
// nothing is fed, sent or shown after that. Knows no protocol, database or socket; those are handed to it.

import type { Event } from '../../schema/core';
import { kBootFrom, kBootTo } from './machine';
import type { Batch, Load, Machine, Output, Write } from './machine';
import { Fenced } from './rows';
import type { Rows } from './rows';
import type { Reports, Transport } from './transport';

export interface Surroundings {
  machine: Machine;
  rows: Rows;
  transport: (reports: Reports) => Transport;
  now: () => number;
  show: (events: Event[]) => void;
  // The core ended itself, which only a bug of ours makes it do.
  crashed: (reason: unknown) => void;
}

// The shell's own; the core has one more.
type StopReason = Exclude<Extract<Event, { type: 'stopped' }>['reason'], 'forgotten'>;

// Commands of the shell's own; the page counts from 1.
const kOwnCommand = 0;
const kLongestTimer = 0x7fffffff;

export class Shell {
  private readonly transport_: Transport;
  private queue_: Output[] = [];
  private carrying_ = false;
  private stopped_ = false;
  private timer_: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly around_: Surroundings) {
    const { machine } = around_;
    this.transport_ = around_.transport({
      socketOpened: (socket) => this.feed((now) => machine.socketOpened(now, socket)),
      socketFrame: (socket, frame) => this.feed((now) => machine.socketFrame(now, socket, frame)),
      socketClosed: (socket) => this.feed((now) => machine.socketClosed(now, socket)),
      httpResponse: (id, status, body) => this.feed((now) => machine.httpResponse(now, id, status, body)),
    });
  }

  async start(): Promise<void> {
    try {
      const boot = await this.around_.rows.boot({ from: kBootFrom, to: kBootTo });
      this.feed((now) => this.around_.machine.start(now, boot));
    } catch {
      this.stop('storage_failed');
    }
  }

  command(json: string): void {
    this.feed((now) => this.around_.machine.command(now, json));
  }

  online(): void {
    this.command(JSON.stringify({ id: kOwnCommand, type: 'reconnect' }));
  }

  offline(): void {
    if (!this.stopped_) this.transport_.cut();
  }

  stop(reason: StopReason): void {
    if (this.stopped_) return;
    this.end();
    this.around_.show([{ type: 'stopped', reason, message: kReasons[reason] }]);
  }

  private end(): void {
    this.stopped_ = true;
    this.queue_ = [];
    clearTimeout(this.timer_);
    this.transport_.stop();
    this.around_.rows.close();
    // Its memory holds keys. After a crash it may not even be able to end.
    try {
      this.around_.machine.destroy();
    } catch {
      return;
    }
  }

  private feed(input: (now: number) => Output): void {
    if (this.stopped_) return;
    const output = this.ask(input);
    if (output === null) return;
    this.queue_.push(output);
    this.wakeAt(output.wakeAt);
    if (!this.carrying_) void this.carryOut();
  }

  private ask(input: (now: number) => Output): Output | null {
    try {
      return input(this.around_.now());
    } catch (reason) {
      this.end();
      this.around_.crashed(reason);
      return null;
    }
  }

  private wakeAt(at: number | null): void {
    clearTimeout(this.timer_);
    if (at === null) return;
    const wait = Math.min(Math.max(0, at - this.around_.now()), kLongestTimer);
    this.timer_ = setTimeout(() => this.feed((now) => this.around_.machine.tick(now)), wait);
  }

  private async carryOut(): Promise<void> {
    this.carrying_ = true;
    while (this.queue_.length > 0) {
      const outputs = this.queue_;
      this.queue_ = [];
      if (!(await this.persist(outputs))) return;
      outputs.flatMap((output) => output.transmit).forEach((what) => this.transport_.transmit(what));
      outputs.flatMap((output) => output.load).forEach((load) => void this.load(load));
      this.show(outputs.flatMap((output) => output.show));
    }
    this.carrying_ = false;
  }

  // False: nothing more happens.
  private async persist(outputs: Output[]): Promise<boolean> {
    const batch = merge(outputs);
    if (batch.writes.length > 0) {
      try {
        await this.around_.rows.write(batch);
      } catch (reason) {
        this.stop(reason instanceof Fenced ? 'taken_over' : 'storage_failed');
      }
    }
    return !this.stopped_;
  }

  private async load(load: Load): Promise<void> {
    try {
      const rows = await this.around_.rows.read(load);
      this.feed((now) => this.around_.machine.loaded(now, load.id, rows));
    } catch {
      this.stop('storage_failed');
    }
  }

  private show(texts: string[]): void {
    const events = texts.map((text) => JSON.parse(text) as Event).filter((event) => !isOwnAnswer(event));
    if (events.length > 0) this.around_.show(events);
    if (events.some((event) => event.type === 'stopped')) this.end();
  }
}

const kReasons: Record<StopReason, string> = {
  taken_over: 'Another tab took over.',
  logged_out: 'This device was signed out.',
  storage_failed: 'The browser could not save.',
};

function isOwnAnswer(event: Event): boolean {
  return (event.type === 'done' || event.type === 'failed') && event.id === kOwnCommand;
}

// The generation of the first batch is the one the database holds; those after it build on what they follow.
function merge(outputs: Output[]): Batch {
  const batches = outputs.map((output) => output.persist).filter((batch) => batch.writes.length > 0);
  if (batches.length <= 1) return batches[0] ?? { generation: 0n, writes: [] };
  const writes = new Map<string, Write>();
  for (const write of batches.flatMap((batch) => batch.writes)) writes.set(write.key.join(), write);
  return { generation: batches[0]?.generation ?? 0n, writes: [...writes.values()] };
}
