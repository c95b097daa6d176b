// What this installation is called in a list of the user's devices, such as "Firefox on Linux".
export function deviceName(userAgent: string): string {
  const browser = find(userAgent, [
    [/\bEdg(?:e|A|iOS)?\//u, 'Edge'],
    [/\bOPR\//u, 'Opera'],
    [/\bFirefox\/|\bFxiOS\//u, 'Firefox'],
    [/\bChrome\/|\bCriOS\/|\bChromium\//u, 'Chrome'],
    [/\bSafari\//u, 'Safari'],
  ]);
  const system = find(userAgent, [
    [/\bAndroid\b/u, 'Android'],
    [/\biPhone\b/u, 'iPhone'],
    [/\biPad\b/u, 'iPad'],
    [/\bMac OS X\b|\bMacintosh\b/u, 'Mac'],
    [/\bWindows\b/u, 'Windows'],
    [/\bCrOS\b/u, 'ChromeOS'],
    [/\bLinux\b/u, 'Linux'],
  ]);
  return system === undefined ? (browser ?? 'Browser') : `${browser ?? 'Browser'} on ${system}`;
}

function find(text: string, known: readonly (readonly [RegExp, string])[]): string | undefined {
  return known.find(([pattern]) => pattern.test(text))?.[1];
}
