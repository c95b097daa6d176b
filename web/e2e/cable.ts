// The network between one browser and the server: a TCP relay that can be unplugged.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class Cable {
  private plugged_ = true;
  private readonly sockets_ = new Set<Socket>();

  private constructor(
    private readonly server_: Server,
    private readonly target_: number,
  ) {}

  static async to(port: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const cable = new Cable(server, port);
    server.on('connection', (socket) => cable.relay(socket));
    return cable;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server_.address() as AddressInfo).port}`;
  }

  unplug(): void {
    this.plugged_ = false;
    for (const socket of this.sockets_) socket.destroy();
  }

  plug(): void {
    this.plugged_ = true;
  }

  end(): void {
    this.unplug();
    this.server_.close();
  }

  private relay(near: Socket): void {
    if (!this.plugged_) {
      near.destroy();
      return;
    }
    const far = connect(this.target_, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets_.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.sockets_.delete(one);
        other.destroy();
      });
    }
  }
}
