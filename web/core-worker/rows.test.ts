// @vitest-environment node
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it } from 'vitest';
import { kGenerationKey } from './machine';
import type { Write } from './machine';
import { Fenced, openRows } from './rows';
import type { Rows } from './rows';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (data: Uint8Array) => new TextDecoder().decode(data);
const put = (key: string, value: string): Write => ({ key: bytes(key), value: bytes(value) });

function generation(number: number): Write {
  const value = new Uint8Array(8);
  new DataView(value.buffer).setBigUint64(0, BigInt(number));
  return { key: kGenerationKey, value };
}

let rows: Rows;
beforeEach(async () => {
  rows = await openRows(new IDBFactory());
});

async function keys(from: string, to: string, limit = 100, reverse = false): Promise<string[]> {
  return (await rows.read({ from: bytes(from), to: bytes(to), limit, reverse })).map((row) => text(row.key));
}

describe('the rows', () => {
  it('are read by key range in byte order, the end left out', async () => {
    await rows.write({
      generation: 0n,
      writes: [put('m3', 'c'), put('m1', 'a'), put('n', 'x'), put('m2', 'b')],
    });
    expect(await keys('m', 'n')).toEqual(['m1', 'm2', 'm3']);
    expect(await keys('m', 'n', 2)).toEqual(['m1', 'm2']);
    expect(await keys('m', 'n', 2, true)).toEqual(['m3', 'm2']);
    expect(await keys('m', 'm')).toEqual([]);
    const [first] = await rows.read({ from: bytes('m1'), to: bytes('m2'), limit: 1, reverse: false });
    expect(text(first?.value ?? new Uint8Array())).toBe('a');
  });

  it('hold keys of any bytes', async () => {
    const key = new Uint8Array([0x6d, 0x00, 0xff, 0x80]);
    await rows.write({ generation: 0n, writes: [{ key, value: new Uint8Array([0, 1]) }] });
    const found = await rows.read({ from: bytes('m'), to: bytes('n'), limit: 9, reverse: false });
    expect([...(found[0]?.key ?? [])]).toEqual([...key]);
  });

  it('lose what a write deletes, and deleting nothing is fine', async () => {
    await rows.write({ generation: 0n, writes: [put('m1', 'a')] });
    await rows.write({
      generation: 0n,
      writes: [
        { key: bytes('m1'), value: null },
        { key: bytes('m9'), value: null },
      ],
    });
    expect(await keys('m', 'n')).toEqual([]);
  });

  it('shut out whoever wrote before as soon as somebody begins, and give what was stored until then', async () => {
    await rows.write({ generation: 0n, writes: [generation(1), put('b1', 'a'), put('m1', 'a')] });
    const booted = await rows.boot({ from: bytes('b'), to: bytes('c') });
    expect(booted.map((row) => text(row.key))).toEqual(['b!generation', 'b1']);
    await expect(rows.write({ generation: 1n, writes: [put('b2', 'late')] })).rejects.toBeInstanceOf(Fenced);
    await rows.write({ generation: 2n, writes: [generation(3), put('b2', 'b')] });
    expect(await keys('b', 'c')).toEqual(['b!generation', 'b1', 'b2']);
  });

  it('refuse a batch whose generation is not the one they hold, and change nothing', async () => {
    await rows.write({ generation: 0n, writes: [generation(1), put('m1', 'a')] });
    await expect(rows.write({ generation: 0n, writes: [put('m2', 'b')] })).rejects.toBeInstanceOf(Fenced);
    await expect(rows.write({ generation: 2n, writes: [generation(3)] })).rejects.toBeInstanceOf(Fenced);
    expect(await keys('m', 'n')).toEqual(['m1']);
    await rows.write({ generation: 1n, writes: [generation(2), put('m2', 'b')] });
    await expect(rows.write({ generation: 1n, writes: [put('m3', 'c')] })).rejects.toBeInstanceOf(Fenced);
    expect(await keys('m', 'n')).toEqual(['m1', 'm2']);
  });
});
