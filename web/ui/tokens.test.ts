// @vitest-environment node
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const css = read('./tokens.css');
const controls = read('./controls.css');
const messages = read('./conversation/messages.css');
const composing = read('./conversation/composer.css');
const [light = '', dark = ''] = css.split('@media (prefers-color-scheme: dark)');

function colour(theme: string, token: string): [number, number, number] {
  const hex = new RegExp(`--${token}: #([0-9a-f]{6})`, 'u').exec(theme)?.[1];
  if (hex === undefined) throw new Error(`no ${token}`);
  const part = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  return [part(0), part(2), part(4)];
}

function luminance(rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as typeof rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(theme: string, one: string, two: string): number {
  const [a, b] = [luminance(colour(theme, one)), luminance(colour(theme, two))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

// The token that a rule gives a property.
function tokenOf(sheet: string, selector: string, property: string): string {
  const rule = sheet.split(`\n${selector} {`)[1]?.split('}')[0] ?? '';
  const token = new RegExp(`\\n  ${property}: [^;]*var\\(--([a-z-]+)\\)`, 'u').exec(rule)?.[1];
  if (token === undefined) throw new Error(`no ${property} of ${selector}`);
  return token;
}

const kGrounds = ['ground', 'raised', 'sunken'];
const texts: [string, string][] = [
  ...kGrounds.flatMap((ground): [string, string][] => [
    ['ink', ground],
    ['soft', ground],
    ['accent', ground],
    ['danger', ground],
  ]),
  ['warn', 'raised'],
  ['ink', 'accent-soft'],
  ['soft', 'accent-soft'],
  ['accent', 'accent-soft'],
  ['on-accent', 'accent'],
  ['ink', 'mine'],
  ['mine-soft', 'mine'],
  ['ink', 'theirs'],
  ['soft', 'theirs'],
  [tokenOf(messages, '.link', 'color'), 'theirs'],
  [tokenOf(messages, ".message[data-mine='true'] .link", 'color'), 'mine'],
  ['on-accent', 'danger'],
  ...Array.from({ length: 8 }, (_, index): [string, string] => ['hue-ink', `hue-${index}`]),
  ...Array.from({ length: 8 }, (_, index): [string, string] => [`name-${index}`, 'theirs']),
];

describe.each([
  ['light', light],
  ['dark', dark],
])('the %s tokens', (_name, theme) => {
  it.each(texts)('read as text: %s on %s', (one, two) => {
    expect(contrast(theme, one, two)).toBeGreaterThanOrEqual(4.5);
  });

  it.each([
    ['accent', 'mine'],
    ['danger', 'mine'],
    ['faint', 'raised'],
  ])('show as icons: %s on %s', (one, two) => {
    expect(contrast(theme, one, two)).toBeGreaterThanOrEqual(3);
  });
});

describe('the edge of a field', () => {
  const composer = (state: string) => `.composer-box:has(.composer-text${state})`;

  it.each([
    ['field', controls, '.field-input:focus-visible', 'outline', 'accent'],
    ['composer', composing, composer(':focus-visible'), 'outline', 'accent'],
    ['wrong field', controls, ".field-input[aria-invalid='true']:focus-visible", 'outline-color', 'danger'],
    ['wrong composer', composing, composer("[aria-invalid='true']"), 'outline-color', 'danger'],
  ])('is one colour inside and outside around a focused %s', (_what, sheet, selector, outline, token) => {
    expect(tokenOf(sheet, selector, outline)).toBe(token);
    expect(tokenOf(sheet, selector, 'border-color')).toBe(token);
  });
});
