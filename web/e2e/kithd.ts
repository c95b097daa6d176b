// A kithd of the test's own: a free loopback port, a data folder that goes with it, codes read from its log.

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.ts';

export class Kithd {
  private log_ = '';
  private process_: ChildProcess | undefined;

  private constructor(
    private readonly binary_: string,
    readonly port: number,
    private readonly data_: string,
  ) {}

  static async start(): Promise<Kithd> {
    const binary = process.env['KITHD'];
    if (binary === undefined) throw new Error('KITHD names no binary.');
    const server = new Kithd(binary, await freePort(), await mkdtemp(join(tmpdir(), 'kith-e2e-')));
    await server.run();
    return server;
  }

  get log(): string {
    return this.log_;
  }

  async run(): Promise<void> {
    const child = spawn(this.binary_, ['--listen', `127.0.0.1:${this.port}`, '--data', this.data_], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process_ = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.log_ += text));
    }
    await until('kithd is ready', async () => {
      if (child.exitCode !== null) throw new Error(`kithd ended with ${child.exitCode}:\n${this.log_}`);
      return fetch(`http://127.0.0.1:${this.port}/readyz`).then(
        (response) => response.ok,
        () => false,
      );
    });
  }

  async kill(): Promise<void> {
    const child = this.process_;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.data_, { recursive: true, force: true });
  }

  // The newest code for this address, once there are more than `known`.
  async codeFor(address: string, known = 0): Promise<string> {
    return until(`a code for ${address}`, () => this.codes(address).slice(known).at(-1));
  }

  codes(address: string): string[] {
    const wanted = address.replaceAll(/\s/gu, '');
    const lines = this.log_.split('\n').filter((line) => line.includes(wanted));
    return lines.flatMap((line) => /(?<!\d)\d{6}(?!\d)/u.exec(line.replace(wanted, ''))?.[0] ?? []);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
