import { createServer } from 'node:net';
import { DevError } from './options.ts';

/** @throws {DevError} when nothing can listen there. */
export function assertPortIsFree(ip: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const reason = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be used (${code ?? message})`;
      reject(
        new DevError(
          `Port ${port} of ${ip} ${reason}: choose another one, as by --port ${port === 65535 ? 8787 : port + 1}.`,
        ),
      );
    });
    server.listen(port, ip, () => server.close(() => resolve()));
  });
}
