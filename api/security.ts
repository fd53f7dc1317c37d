import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

export interface Access {
  /** Bound to loopback without accounts: no key needed, but only under a local name. */
  localMode: boolean;
  adminKey?: string | undefined;
  /** May read sums of money, and nothing else. */
  financeKey?: string | undefined;
  /** Where people reach the dashboard, when that is not the address it listens on (a proxy in front). */
  publicUrl?: string | undefined;
}

const policy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export function securityHeaders({ publicUrl }: Access): RequestHandler {
  const headers = {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Only where people come over TLS: it would lock a plain HTTP address out of its own pages.
    ...(publicUrl?.startsWith('https:') ? { 'strict-transport-security': 'max-age=31536000' } : {}),
  };
  return (_request, response, next) => {
    response.set(headers);
    next();
  };
}

export const neverStore: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

/**
 * Against DNS rebinding: a web page that made its own name point at 127.0.0.1 still sends that name as Host. In local
 * mode nothing but this check stands between such a page and the data.
 */
export function isAllowedHost(headers: IncomingHttpHeaders, { localMode, publicUrl }: Access): boolean {
  if (!localMode) return true;
  const name = hostName(headers.host ?? '');
  return isLocalName(name) || (publicUrl !== undefined && name === new URL(publicUrl).hostname);
}

export function checkHost(access: Access): RequestHandler {
  return (request, _response, next) => {
    if (isAllowedHost(request.headers, access)) next();
    else
      next(new HttpProblem(403, 'In local mode Driftline answers under localhost, 127.0.0.1 or [::1] only.'));
  };
}

/** A browser names the page a request comes from; programs send no Origin and are judged by their key. */
export function isAllowedOrigin(headers: IncomingHttpHeaders, { publicUrl }: Access): boolean {
  const { origin } = headers;
  if (origin === undefined) return headers['sec-fetch-site'] !== 'cross-site';
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  return URL.canParse(origin) && new URL(origin).host === headers.host;
}

export function checkOrigin(access: Access): RequestHandler {
  return (request, _response, next) => {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads || isAllowedOrigin(request.headers, access)) next();
    else next(new HttpProblem(403, 'Another site may not change anything here.'));
  };
}

/** `finance` reads sums of money and what they are made of (`roles.ts`); `admin` may do everything. */
export type Role = 'admin' | 'finance';

/** Whose key `authorization` carries; null when it is nobody's. In local mode everybody is the admin. */
export function roleOf(
  authorization: string | undefined,
  { localMode, adminKey, financeKey }: Access,
): Role | null {
  if (localMode) return 'admin';
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) return null;
  const isKey = (key: string | undefined) => key !== undefined && timingSafeEqual(digest(given), digest(key));
  if (isKey(adminKey)) return 'admin';
  return isKey(financeKey) ? 'finance' : null;
}

/** Whether `authorization` carries the admin key; always in local mode without one. */
export function isAuthorised(authorization: string | undefined, access: Access): boolean {
  return roleOf(authorization, access) === 'admin';
}

export function requireKey(access: Access): RequestHandler {
  return (request, _response, next) => {
    if (roleOf(request.headers.authorization, access) !== null) next();
    else {
      const detail = 'Send the API key as "authorization: Bearer <key>".';
      next(new HttpProblem(401, detail, { 'www-authenticate': 'Bearer realm="driftline"' }));
    }
  };
}

// Digests have one length whatever the key's, which timingSafeEqual needs.
function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function hostName(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}
