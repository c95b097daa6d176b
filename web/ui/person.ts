// How a person is drawn where there is no picture.

export const kHues = 8;

// Ids begin with a time; their last byte is random.
export function hueOf(id: string): number {
  const last = Number.parseInt(id.slice(-2), 16);
  return Number.isNaN(last) ? 0 : last % kHues;
}

// The first letters of the first and the last word; of a lone word its first letter.
export function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = words[0];
  if (first === undefined) return '?';
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (firstLetter(first) + (last === undefined ? '' : firstLetter(last))).toLocaleUpperCase();
}

function firstLetter(word: string): string {
  const match = /[\p{L}\p{N}]\p{M}*/u.exec(word);
  return match?.[0] ?? '';
}
