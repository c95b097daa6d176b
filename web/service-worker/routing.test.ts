import { describe, expect, it } from 'vitest';
import { answerFor } from './routing';

const kOrigin = 'https://kith.example';
const shell = { version: '1', files: ['/', '/assets/index-abc.js', '/favicon.svg'] };
const answer = (path: string, method = 'GET', mode = 'cors') =>
  answerFor(method, mode, new URL(path, kOrigin), kOrigin, shell);

describe('the service worker', () => {
  it('answers the page and its files itself', () => {
    expect(answer('/', 'GET', 'navigate')).toEqual({ kind: 'shell', path: '/' });
    expect(answer('/assets/index-abc.js')).toEqual({ kind: 'shell', path: '/assets/index-abc.js' });
  });

  it('keeps hashed files when they are first used', () => {
    expect(answer('/assets/inter-greek-def.woff2')).toEqual({ kind: 'keep' });
  });

  it('leaves the server’s interface and other origins alone', () => {
    expect(answer('/v1/me')).toEqual({ kind: 'network' });
    expect(answer('/healthz', 'GET', 'navigate')).toEqual({ kind: 'network' });
    expect(answer('/assets/index-abc.js', 'POST')).toEqual({ kind: 'network' });
    expect(answer('https://elsewhere.example/assets/index-abc.js')).toEqual({ kind: 'network' });
  });
});
