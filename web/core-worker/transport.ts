// Carries out what the core transmits: WebSockets and HTTP requests to the server that this page came from. Knows no protocol:
// what comes back goes to the core as it is.

import type { Bytes, Transmit } from './machine';

// What a transport reports. Each opened socket ends with exactly one `socketClosed`, each request with one `httpResponse`.
export interface Reports {
  socketOpened(socket: number): void;
  socketFrame(socket: number, frame: Bytes): void;
  socketClosed(socket: number): void;
  httpResponse(id: number, status: number, body: string): void;
}

export interface Transport {
  transmit(what: Transmit): void;
  // The network is gone: sockets are closed now instead of when the system notices.
  cut(): void;
  // Nothing is reported any more.
  stop(): void;
}

const kTimeoutMs = 30_000;
const kLargestAnswer = 1024 * 1024;
const kSubprotocol = 'kith.v1';

type HttpRequest = Extract<Transmit, { kind: 'http' }>;

export function openTransport(origin: string, reports: Reports): Transport {
  const sockets = new Map<number, WebSocket>();
  const stopped = new AbortController();

  function open(number: number) {
    const socket = new WebSocket(`${origin.replace(/^http/u, 'ws')}/v1/socket`, kSubprotocol);
    socket.binaryType = 'arraybuffer';
    sockets.set(number, socket);
    socket.onopen = () => reports.socketOpened(number);
    socket.onclose = () => closed(number);
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      // A text message is not of this protocol.
      if (data instanceof ArrayBuffer) reports.socketFrame(number, new Uint8Array(data));
      else forget(number, true);
    };
  }

  function closed(number: number) {
    if (sockets.delete(number)) reports.socketClosed(number);
  }

  function forget(number: number, tell: boolean, code = 1000) {
    const socket = sockets.get(number);
    if (socket === undefined) return;
    sockets.delete(number);
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close(code === 1000 || (code >= 3000 && code <= 4999) ? code : 1000);
    if (tell) reports.socketClosed(number);
  }

  async function request(what: HttpRequest) {
    const { status, body } = await fetchText(origin, what, stopped.signal);
    if (!stopped.signal.aborted) reports.httpResponse(what.id, status, body);
  }

  return {
    transmit(what) {
      switch (what.kind) {
        case 'open_socket': {
          open(what.socket);
          return;
        }
        case 'send_frame': {
          const socket = sockets.get(what.socket);
          if (socket?.readyState === WebSocket.OPEN) socket.send(what.frame);
          return;
        }
        case 'close_socket': {
          forget(what.socket, false, what.code);
          return;
        }
        case 'http':
          return void request(what);
      }
    },
    cut() {
      for (const number of [...sockets.keys()]) forget(number, true);
    },
    stop() {
      stopped.abort();
      for (const number of [...sockets.keys()]) forget(number, false);
    },
  };
}

const kNoAnswer = { status: 0, body: '' };

async function fetchText(
  origin: string,
  what: HttpRequest,
  stopped: AbortSignal,
): Promise<{ status: number; body: string }> {
  const headers = new Headers();
  if (what.body !== '') headers.set('Content-Type', 'application/json');
  if (what.bearer !== '') headers.set('Authorization', `Bearer ${what.bearer}`);
  try {
    const response = await fetch(origin + what.path, {
      method: what.method,
      headers,
      body: what.body === '' ? null : what.body,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      signal: AbortSignal.any([stopped, AbortSignal.timeout(kTimeoutMs)]),
    });
    const body = await readText(response);
    return body === null ? kNoAnswer : { status: response.status, body };
  } catch {
    return kNoAnswer;
  }
}

// null: larger than any answer that the server gives.
async function readText(response: Response): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let size = 0;
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.byteLength;
    if (size > kLargestAnswer) {
      await reader.cancel();
      return null;
    }
    text += decoder.decode(value, { stream: true });
  }
}
