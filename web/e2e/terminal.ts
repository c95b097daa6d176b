// Somebody with a terminal: `kith`, run as a person would, with its state in a folder of the test's own.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Kithd } from './kithd.ts';

// What kith ends with when it needs an answer and nobody is there to give one.
const kNeedsAnAnswer = 2;

export class Terminal {
  private constructor(
    private readonly kithd_: Kithd,
    private readonly binary_: string,
    private readonly state_: string,
  ) {}

  static async open(kithd: Kithd): Promise<Terminal> {
    const binary = process.env['KITH'];
    if (binary === undefined) throw new Error('KITH names no binary.');
    return new Terminal(kithd, binary, await mkdtemp(join(tmpdir(), 'kith-terminal-')));
  }

  async close(): Promise<void> {
    await rm(this.state_, { recursive: true, force: true });
  }

  async register(name: string, number: string): Promise<void> {
    await this.call(['register', '--phone', number], kNeedsAnAnswer);
    const code = await this.kithd_.codeFor(number);
    await this.run('register', '--code', code, '--name', name, '--yes-i-wrote-it-down');
  }

  // Shows the code of a new device of this number's account, and is done when it is one.
  async link(number: string): Promise<{ code: string; confirmation: string; done: Promise<void> }> {
    const words = [...this.common(), '--json', 'link', '--phone', number, '--device-name', 'lighthouse'];
    const child = spawn(this.binary_, words, { timeout: 120_000, stdio: ['ignore', 'pipe', 'inherit'] });
    const done = once(child, 'exit').then(([code]) => {
      if (code !== 0) throw new Error(`kith link ended with ${code}`);
    });
    const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
    const [first] = await Promise.race([line, done.then(() => line)]);
    return { ...(JSON.parse(first) as { code: string; confirmation: string }), done };
  }

  // What it printed.
  run(...words: string[]): Promise<string> {
    return this.call(words, 0);
  }

  private common(): string[] {
    return ['--server', `http://127.0.0.1:${this.kithd_.port}`, '--state', this.state_];
  }

  private call(words: string[], expected: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        this.binary_,
        [...this.common(), ...words],
        { timeout: 120_000 },
        (_error, out, complaint) => {
          if (child.exitCode === expected) resolve(out);
          else reject(new Error(`kith ${words.join(' ')} ended with ${child.exitCode}: ${out}${complaint}`));
        },
      );
      child.stdin?.end();
    });
  }
}
