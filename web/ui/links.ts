// Finds web addresses in text. Only http and https, only what a URL parser accepts, and shown exactly as written.

export interface Part {
  text: string;
  href?: string;
}

const kAddress = /https?:\/\/[^\s<>"']+/giu;

export function splitLinks(text: string): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (const match of text.matchAll(kAddress)) {
    const written = withoutTrailing(match[0]);
    const href = parse(written);
    if (href === undefined) continue;
    if (match.index > from) parts.push({ text: text.slice(from, match.index) });
    parts.push({ text: written, href });
    from = match.index + written.length;
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

// Punctuation at the end belongs to the sentence; a closing bracket too, unless the address opened it.
function withoutTrailing(address: string): string {
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    const opened =
      last === ')' && address.slice(0, end).split('(').length >= address.slice(0, end).split(')').length;
    if (!'.,;:!?)]}…'.includes(last) || opened) break;
    end--;
  }
  return address.slice(0, end);
}

function parse(address: string): string | undefined {
  try {
    const url = new URL(address);
    return url.hostname === '' || url.username !== '' ? undefined : url.href;
  } catch {
    return undefined;
  }
}
