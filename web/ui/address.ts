// What a person types to name somebody: a phone number or an e-mail. The server judges numbers; this only sorts them, and says
// which country a number without a country code is taken to be from.

import { kLanguage } from './language';

export type Address = { phone: string; region?: string } | { email: string };

// No e-mail is longer (RFC 5321, 4.5.3.1.3), and no number.
const kLongest = 254;

export function readAddress(text: string, region: string | undefined): Address | null {
  const trimmed = text.trim();
  if (trimmed.length > kLongest) return null;
  if (trimmed.includes('@')) return /^\S+@\S+\.\S+$/u.test(trimmed) ? { email: trimmed } : null;
  if (!/^\+?[\d\s().\-/]+$/u.test(trimmed)) return null;
  const digits = trimmed.replace(/\D/gu, '').length;
  if (digits < 4 || digits > 17) return null;
  if (trimmed.startsWith('+')) return { phone: trimmed };
  return region === undefined ? null : { phone: trimmed, region };
}

// The region of the browser's language, such as "GB" of "en-GB".
export function browserRegion(languages: readonly string[]): string | undefined {
  for (const language of languages) {
    const region = regionOf(language);
    if (region !== undefined) return region;
  }
  return undefined;
}

function regionOf(language: string): string | undefined {
  try {
    return new Intl.Locale(language).region;
  } catch {
    return undefined;
  }
}

export function regionName(region: string): string {
  return new Intl.DisplayNames(kLanguage, { type: 'region' }).of(region) ?? region;
}

// What stands under the field.
export function addressHint(region: string | undefined): string {
  const example = 'With country code, like +44 7700 900123.';
  return region === undefined
    ? example
    : `${example} Without one it is taken to be from ${regionName(region)}.`;
}
