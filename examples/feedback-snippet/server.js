// node examples/feedback-snippet/server.js [http://127.0.0.1:8080] [port]
// Shows index.html and passes feedback on to Driftline, with the key if there is one (DRIFTLINE_ADMIN_KEY).
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const driftline = process.argv[2] ?? 'http://127.0.0.1:8080';
const port = Number(process.argv[3] ?? 3000);
const key = process.env.DRIFTLINE_ADMIN_KEY;
const files = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/feedback.js': ['feedback.js', 'text/javascript; charset=utf-8'],
};
const longestBody = 100_000;

const server = createServer(async (request, response) => {
  try {
    if (request.method === 'POST' && request.url === '/feedback') return await passOn(request, response);
    const file = files[new URL(request.url, 'http://localhost').pathname];
    if (!file) return response.writeHead(404).end();
    const content = await readFile(new URL(file[0], import.meta.url));
    response.writeHead(200, { 'content-type': file[1] }).end(content);
  } catch {
    // Driftline is away: the page says so and can try again.
    if (!response.headersSent) response.writeHead(502).end();
  }
});

async function passOn(request, response) {
  // Only from this page itself, and as JSON, which another site's form cannot send.
  const foreign = request.headers['sec-fetch-site'] && request.headers['sec-fetch-site'] !== 'same-origin';
  if (foreign || request.headers['content-type'] !== 'application/json') return response.writeHead(403).end();
  let body = '';
  for await (const part of request.setEncoding('utf8')) {
    body += part;
    if (body.length > longestBody) return response.writeHead(413).end();
  }
  const reply = await fetch(`${driftline}/api/v1/feedback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    body,
    signal: AbortSignal.timeout(5_000),
  });
  response.writeHead(reply.status, { 'content-type': 'application/json' }).end(await reply.text());
}

server.listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
