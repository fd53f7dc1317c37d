// What this machine can answer at all: a Node server that says the same few bytes to everything. Prints its port.
import { createServer } from 'node:http';
import { setPriority } from 'node:os';

// As Driftline's thread for decisions does.
try {
  setPriority(-10);
} catch {}

const body = Buffer.from(JSON.stringify({ decision: 'allow' }).padEnd(600));
const server = createServer((_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  response.end(body);
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
