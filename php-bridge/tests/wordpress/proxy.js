// Stands between WordPress and the service, so that a story can take the service away or spoil what it answers.

import { createServer, request } from 'node:http';

export async function startProxy(target) {
  let mode = 'through';
  const requests = [];
  const hanging = new Set();
  const server = createServer((incoming, outgoing) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const answer = (status, type, body) => outgoing.writeHead(status, { 'Content-Type': type }).end(body);
    switch (mode) {
      case 'down': incoming.socket.destroy(); return;
      case 'slow': hanging.add(outgoing); return;
      case 'html': answer(200, 'text/html', '<html><h1>Welcome to your new server</h1></html>'); return;
      case 'error': answer(500, 'application/json', '{"error":"oops"}'); return;
      case 'other-version': answer(201, 'application/json', '{"id":"1","state":"ok","passed":true}'); return;
      case 'problem-as-success': answer(201, 'application/json', '{"type":"urn:mfa-sidecar:problem:code-rejected","status":201}'); return;
      default:
    }
    const headers = { ...incoming.headers };
    if (mode === 'wrong-key') headers.authorization = 'Bearer wrong';
    const { method, url } = incoming;
    const onward = request(target + url, { method, headers }, (response) => {
      outgoing.writeHead(response.statusCode, response.headers);
      response.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    /** What WordPress has asked since the last time, as 'GET /v1/…'. */
    takeRequests: () => requests.splice(0),
    /** @param next through, down, slow, html, error, other-version, problem-as-success or wrong-key */
    become(next) {
      mode = next;
      for (const outgoing of hanging) outgoing.destroy();
      hanging.clear();
    },
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => { server.close(resolve); });
    },
  };
}
