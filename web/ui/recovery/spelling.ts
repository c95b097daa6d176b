// How a recovery key looks while somebody types, pastes or scans it. Whether it is one is the core's to say.

export const kCharacters = 28;
const kGroup = 4;

// The seven groups in a longer text, such as the file that was saved with the key.
const kWhole = /(?:[0-9A-Za-z]{4}[-\u2010-\u2015\u2212\s]){6}[0-9A-Za-z]{4}/u;

// Notes and word processors make longer dashes of a hyphen.
const kBetween = /[-\u2010-\u2015\u2212\s]/gu;

export function charactersIn(text: string): string {
  return text.replace(kBetween, '').toUpperCase();
}

// Whether this is nothing but a key, right or wrong.
export function isWhole(text: string): boolean {
  return /^[0-9A-Z]{28}$/u.test(charactersIn(text));
}

// In groups of four, as it is printed.
export function inGroups(text: string): string {
  const characters = charactersIn(kWhole.exec(text)?.[0] ?? text);
  return (characters.match(/.{1,4}/gsu) ?? []).join('-').slice(0, kLongest);
}

// More than a key has, so that one too many is seen.
const kLongest = 2 * (kCharacters + kCharacters / kGroup);
