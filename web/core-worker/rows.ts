// The core's rows in IndexedDB: byte keys to byte values, ordered by key bytes.
//
// A batch is one strict read-write transaction: when the promise resolves it is on the disk, and when it rejects nothing of it is.
// The generation row is compared inside that transaction (core.h, fencing), so that a tab that lost this device's state to another
// can never write again, however late it wakes up. boot() moves the generation on before it reads what the core begins with: what a
// writer before this one still had on its way comes too late from then on, so that the core never begins with less than is stored.

import { kGenerationKey } from './machine';
import type { Batch, Bytes, Load, Row } from './machine';

const kStore = 'rows';
const kEverything = 0xffffffff;

// Another tab has moved the generation on: what was to be written is void.
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

export type Range = Pick<Load, 'from' | 'to' | 'limit' | 'reverse'>;

export interface Rows {
  boot(range: Pick<Load, 'from' | 'to'>): Promise<Row[]>;
  read(range: Range): Promise<Row[]>;
  write(batch: Batch): Promise<void>;
  close(): void;
}

export async function openRows(factory: IDBFactory, name = 'kith'): Promise<Rows> {
  const request = factory.open(name, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(kStore);
  const db = await answerOf(request);
  // Another tab deletes or upgrades the database: let it.
  db.onversionchange = () => db.close();
  return {
    boot: (range) => boot(db, range),
    read: (range) => read(db, range),
    write: (batch) => write(db, batch),
    close: () => db.close(),
  };
}

async function read(db: IDBDatabase, { from, to, limit, reverse }: Range): Promise<Row[]> {
  if (limit === 0 || indexedDB.cmp(from, to) >= 0) return [];
  const rows = db.transaction(kStore, 'readonly').objectStore(kStore);
  const range = IDBKeyRange.bound(from, to, false, true);
  if (reverse) return readBackwards(rows, range, limit);
  const [keys, values] = await Promise.all([
    answerOf(rows.getAllKeys(range, limit)),
    answerOf(rows.getAll(range, limit) as IDBRequest<Bytes[]>),
  ]);
  return keys.flatMap((key, index) => {
    const value = values[index];
    return value === undefined ? [] : [{ key: bytesOf(key), value }];
  });
}

async function boot(db: IDBDatabase, { from, to }: Pick<Load, 'from' | 'to'>): Promise<Row[]> {
  await new Promise<void>((resolve, reject) => {
    const transaction = db.transaction(kStore, 'readwrite', { durability: 'strict' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(reasonOf(transaction.error));
    const rows = transaction.objectStore(kStore);
    const held = rows.get(kGenerationKey) as IDBRequest<Bytes | undefined>;
    held.onsuccess = () => {
      const next = new Uint8Array(8);
      new DataView(next.buffer).setBigUint64(0, BigInt.asUintN(64, numberOf(held.result) + 1n));
      rows.put(next, kGenerationKey);
    };
  });
  return read(db, { from, to, limit: kEverything, reverse: false });
}

function readBackwards(rows: IDBObjectStore, range: IDBKeyRange, limit: number): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    const found: Row[] = [];
    const request = rows.openCursor(range, 'prev');
    request.onerror = () => reject(reasonOf(request.error));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) {
        resolve(found);
        return;
      }
      found.push({ key: bytesOf(cursor.key), value: cursor.value as Bytes });
      if (found.length === limit) {
        resolve(found);
        return;
      }
      cursor.continue();
    };
  });
}

function write(db: IDBDatabase, { generation, writes }: Batch): Promise<void> {
  return new Promise((resolve, reject) => {
    let fenced = false;
    const transaction = db.transaction(kStore, 'readwrite', { durability: 'strict' });
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(fenced ? new Fenced() : reasonOf(transaction.error));
    const rows = transaction.objectStore(kStore);
    const held = rows.get(kGenerationKey) as IDBRequest<Bytes | undefined>;
    held.onsuccess = () => {
      if (numberOf(held.result) !== generation) {
        fenced = true;
        transaction.abort();
        return;
      }
      for (const { key, value } of writes) {
        if (value === null) rows.delete(key);
        else rows.put(value, key);
      }
    };
  });
}

// A big-endian uint64; 0 where there is no row. A row of another size is nobody's generation.
function numberOf(row: Bytes | undefined): bigint {
  if (row === undefined) return 0n;
  return row.byteLength === 8 ? new DataView(row.buffer, row.byteOffset).getBigUint64(0) : -1n;
}

function bytesOf(key: IDBValidKey): Bytes {
  return key instanceof ArrayBuffer ? new Uint8Array(key) : new Uint8Array();
}

function answerOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(reasonOf(request.error));
  });
}

function reasonOf(error: DOMException | null): Error {
  return error ?? new Error('The database did not say why.');
}
