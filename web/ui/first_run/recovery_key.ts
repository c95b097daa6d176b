// Which two groups are asked for, in order. Any two will do: the question is whether the key was kept, not a secret.
export function twoGroups(count: number): number[] {
  const first = Math.floor(Math.random() * count);
  const second = (first + 1 + Math.floor(Math.random() * (count - 1))) % count;
  return [first, second].sort((a, b) => a - b);
}

// The key as a whole, to be pasted, and its groups with the numbers by which they are asked for.
export function keyFile(groups: readonly string[]): string {
  return [
    'Kith recovery key',
    '',
    groups.join('-'),
    '',
    ...groups.map((group, index) => `Group ${index + 1}: ${group}`),
    '',
    'It brings your account back if you lose all your devices.',
    'Anyone who has it can become you: keep it safe.',
    '',
  ].join('\n');
}
