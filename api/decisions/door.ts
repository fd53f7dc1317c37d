import { STATUS_CODES } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { decision } from '#contract/decision.ts';
import { CannotDecideError } from '#ledger/budget/ceilings.ts';
import type { Decider } from '#ledger/budget/decider.ts';
import { type Access, isAllowedHost, isAuthorised } from '../security.ts';
import { type Head, readHead } from './head.ts';
import { questionOf } from './question.ts';
import { relay } from './relay.ts';
import { decided, type Reply, refused } from './reply.ts';

export interface DoorOptions {
  host: string;
  /** 0 picks a free port. */
  port: number;
  access: Access;
  decide: Decider['decide'];
  /** The API behind, on this machine's loopback. */
  apiPort: number;
}

export interface Door {
  address: AddressInfo;
  stop(): Promise<void>;
}

const opening = `GET ${decision.path}`;
const endOfHead = '\r\n\r\n';
const bareLineFeed = /[^\r]\n/;
const mostHeadBytes = 16_384;
const headTimeoutMs = 10_000;
const idleTimeoutMs = 65_000;
const sweepEveryMs = 5_000;
const graceMs = 2_000;

/**
 * Listens where callers ask, and answers a connection itself for as long as all it asks for are decisions. At the first request
 * that is anything else, or not as plain as programs write it, the connection is the API's for good. Rejects when the
 * port is taken.
 */
export async function openDoor({ host, port, ...options }: DoorOptions): Promise<Door> {
  const callers = new Set<Caller>();
  const sockets = new Set<Socket>();
  const isAllowed = allowedHosts(options.access);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket);
    const caller = new Caller(socket, { ...options, isAllowed, left: () => callers.delete(caller) });
    callers.add(caller);
    socket.once('close', () => {
      sockets.delete(socket);
      callers.delete(caller);
    });
  });
  const sweeping = setInterval(() => {
    const nowMs = performance.now();
    for (const caller of callers) caller.endIfSilent(nowMs);
  }, sweepEveryMs);
  sweeping.unref();
  await listening(server, { host, port });
  return {
    address: server.address() as AddressInfo,
    async stop() {
      clearInterval(sweeping);
      const closed = new Promise(resolve => server.close(resolve));
      for (const caller of callers) caller.endWhenAnswered();
      await Promise.race([closed, sleep(graceMs, undefined, { ref: false })]);
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

interface CallerOptions {
  access: Access;
  decide: Decider['decide'];
  apiPort: number;
  isAllowed(host: string): boolean;
  /** The connection is not the door's any more. */
  left(): void;
}

/** One connection that has asked for nothing but decisions so far. */
class Caller {
  readonly #socket: Socket;
  readonly #options: CallerOptions;
  /** Bytes not answered yet, one character each. */
  #held = '';
  #heldSinceMs = performance.now();
  #isAnswering = false;
  #isEnding = false;

  constructor(socket: Socket, options: CallerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('error', this.#onError);
  }

  endIfSilent(nowMs: number): void {
    const limitMs = this.#held === '' ? idleTimeoutMs : headTimeoutMs;
    if (!this.#isAnswering && nowMs - this.#heldSinceMs > limitMs) this.#socket.destroy();
  }

  endWhenAnswered(): void {
    this.#isEnding = true;
    if (!this.#isAnswering) this.#socket.end();
  }

  readonly #onData = (bytes: Buffer): void => {
    if (this.#held === '') this.#heldSinceMs = performance.now();
    this.#held += bytes.toString('latin1');
    if (!this.#isAnswering) this.#next();
    else if (this.#held.length > mostHeadBytes) this.#socket.pause();
  };

  readonly #onEnd = (): void => this.endWhenAnswered();

  readonly #onError = (): void => {
    this.#socket.destroy();
  };

  /** Requests are answered one after the other, in the order they came. */
  #next(): void {
    const end = this.#held.indexOf(endOfHead);
    if (end < 0) {
      const isPlain = isOpening(this.#held) && !bareLineFeed.test(this.#held);
      if (!isPlain || this.#held.length > mostHeadBytes) this.#leave();
      return;
    }
    const head = this.#held.startsWith(opening) ? readHead(this.#held.slice(0, end)) : null;
    const question = head && this.#mayAsk(head) ? questionOf(head.url) : null;
    if (!head || !question) {
      this.#leave();
      return;
    }
    this.#isAnswering = true;
    this.#options.decide(question).then(
      reply => this.#answer(decided(reply), head, end),
      (error: unknown) => {
        if (error instanceof CannotDecideError) this.#answer(refused(error), head, end);
        // The API meets the same error, and says so here and in the log.
        else this.#leave();
      },
    );
  }

  #mayAsk({ headers }: Head): boolean {
    return this.#options.isAllowed(headers.host) && isAuthorised(headers.authorization, this.#options.access);
  }

  #answer(reply: Reply, { isLast }: Head, end: number): void {
    this.#isAnswering = false;
    this.#held = this.#held.slice(end + endOfHead.length);
    this.#heldSinceMs = performance.now();
    const isEnding = isLast || (this.#isEnding && this.#held === '');
    this.#socket.write(textOf(reply, isEnding));
    if (isEnding) this.#socket.end();
    else {
      if (this.#socket.isPaused()) this.#socket.resume();
      if (this.#held !== '') this.#next();
    }
  }

  #leave(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
    this.#options.left();
    relay(socket, Buffer.from(this.#held, 'latin1'), this.#options.apiPort);
  }
}

/** Whether it may still become a question for a decision. */
const isOpening = (text: string) => text.startsWith(opening) || opening.startsWith(text);

function textOf({ status, headers, body }: Reply, isLast: boolean): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
  for (const name in headers) text += `${name}: ${headers[name]}\r\n`;
  text += `date: ${date()}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  text += isLast
    ? 'connection: close\r\n'
    : `connection: keep-alive\r\nkeep-alive: timeout=${idleTimeoutMs / 1000}\r\n`;
  return `${text}\r\n${body}`;
}

let dateText = '';
let dateSecond = 0;

/** Written once a second. */
function date(): string {
  const nowMs = Date.now();
  const second = Math.floor(nowMs / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(nowMs).toUTCString();
  }
  return dateText;
}

/** Callers ask under one name, again and again. */
function allowedHosts(access: Access): (host: string) => boolean {
  let last = '';
  let isAllowed = false;
  return host => {
    if (host !== last) {
      isAllowed = isAllowedHost({ host }, access);
      last = host;
    }
    return isAllowed;
  };
}

function listening(server: Server, at: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(at.port, at.host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
