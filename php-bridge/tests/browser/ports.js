// Ports for the servers of a story.

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * A port that was free a moment ago. It is below those that the system gives to outgoing connections, one of which could
 * otherwise have it by the time a server starts on it, or starts again.
 */
export async function freePort() {
  let port;
  do {
    port = randomInt(20_000, 32_000);
  } while (!await canListen(port));
  return port;
}

function canListen(port) {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
