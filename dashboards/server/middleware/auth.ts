/** Who asks, and whether they may. */
import { isIP } from 'node:net';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Database } from '../../../db/client.ts';
import { ROLES, type Role } from '../../../db/enums.ts';
import { NarrowsError } from '../../../errors.ts';
import { recogniseToken } from '../../../operations/tokens.ts';
import { isLoopback } from './loopback.ts';
import { networkPrefix, type RateLimiter } from './rate-limit.ts';

/**
 * How requests are told apart. `open`: this machine alone can reach the server, and whoever uses it may do everything. `tokens`: a bearer token, or the cookie
 * that a browser got for one. `proxy`: a header that a trusted proxy sets to the role; only the proxy may reach the server. `userHeader`: one that it sets to who
 * asks; null: all who come through it are one.
 */
export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'tokens' }
  | { readonly kind: 'proxy'; readonly header: string; readonly userHeader: string | null };

export interface Principal {
  /** Stable: what a key of a request belongs to. */
  readonly id: string;
  readonly name: string | null;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

export const COOKIE = 'narrows_session';

const LONGEST_USER = 200;

const LOCAL: Principal = { id: 'local', name: null, role: 'admin', expiresAt: null };

export interface AuthDependencies {
  readonly db: Database;
  readonly access: Access;
  readonly signInLimiter: RateLimiter;
}

/** Throws NarrowsError `token-missing`, `token-wrong`, `token-expired`, `too-many-attempts`. */
export async function identifyPrincipal(
  { db, access, signInLimiter: attempts }: AuthDependencies,
  context: Context,
): Promise<Principal> {
  switch (access.kind) {
    case 'open':
      return LOCAL;
    case 'proxy':
      return proxyPrincipal(context, access.header, access.userHeader);
    case 'tokens': {
      const bearer = bearerToken(context.req.header('authorization'));
      const token = bearer ?? getCookie(context, COOKIE);
      if (token === undefined || token === '') throw missingTokenError();
      return verifyToken(
        { db, signInLimiter: attempts },
        token,
        rateLimitKey(context, bearer === undefined ? 'cookie' : 'bearer'),
      );
    }
  }
}

/**
 * What failures are counted under. Each way has its own count: a browser whose session has ended asks again and again with its cookie, and its person may still
 * sign in.
 */
export const rateLimitKey = (context: Context, way: 'sign-in' | 'bearer' | 'cookie'): string =>
  `${way} ${networkPrefix(clientAddress(context))}`;

/** Whom a token belongs to. Throws NarrowsError `token-wrong`, `token-expired`, `too-many-attempts`. */
export async function verifyToken(
  { db, signInLimiter: attempts }: Pick<AuthDependencies, 'db' | 'signInLimiter'>,
  token: string,
  attempt: string,
): Promise<Principal> {
  const found = await recogniseToken(db, token);
  if (found.kind === 'valid') {
    const { id, name, role, expiresAt } = found.row;
    return { id: `token:${id}`, name, role, expiresAt };
  }
  if (found.kind === 'expired') {
    throw new NarrowsError('token-expired', 'the token has expired', { fix: 'ask for a new one: "narrows token create"' });
  }
  requireUnderLimit(attempts, attempt);
  attempts.recordFailure(attempt);
  throw new NarrowsError('token-wrong', 'the token is not known', { fix: 'check that it is whole, and not revoked' });
}

/** Throws `too-many-attempts`, whose `wait` is in seconds. */
export function requireUnderLimit(attempts: RateLimiter, attempt: string): void {
  const wait = attempts.retryAfterSeconds(attempt);
  if (wait > 0) throw new TooManyAttempts(wait);
}

export class TooManyAttempts extends NarrowsError {
  /** Seconds. */
  readonly wait: number;

  constructor(wait: number) {
    super('too-many-attempts', 'too many failed attempts to sign in from this address', { fix: `try again in ${wait} s` });
    this.wait = wait;
  }
}

/** Asked by POST for the size of what they send; they change nothing. */
const READING_ROUTES: ReadonlySet<string> = new Set(['POST /api/plan']);

/** Sets `principal`. Reading takes the role `read`, everything else `submit`. */
export function authenticate(parts: AuthDependencies): MiddlewareHandler {
  return async (context, next) => {
    const principal = await identifyPrincipal(parts, context);
    const { method, path } = context.req;
    requireRole(principal, isReadRequest(method) || READING_ROUTES.has(`${method} ${path}`) ? 'read' : 'submit');
    context.set('principal', principal);
    await next();
  };
}

/** Throws NarrowsError `role-too-small`. */
export function requireRole({ role }: Principal, needed: Role): void {
  if (ROLES.indexOf(role) >= ROLES.indexOf(needed)) return;
  throw new NarrowsError('role-too-small', `this takes the role "${needed}", and yours is "${role}"`, {
    fix: `use a token of the role ${needed}`,
  });
}

export const isReadRequest = (method: string): boolean => method === 'GET' || method === 'HEAD';

/**
 * Whose failures are counted: the other end of the connection; where that is this machine, whom its proxy says to have asked. A proxy appends to
 * `X-Forwarded-For`, so that only the last address in it is the proxy's own word. 'unknown' where a request came without a connection.
 */
function clientAddress(context: Context): string {
  const address = connectionAddress(context);
  if (address === 'unknown' || !isLoopback(address.replace(/^::ffff:/, ''))) return address;
  const forwarded = context.req.header('x-forwarded-for')?.split(',').at(-1)?.trim();
  return forwarded !== undefined && isIP(forwarded) !== 0 ? forwarded : address;
}

function connectionAddress(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function proxyPrincipal(context: Context, header: string, userHeader: string | null): Principal {
  const role = context.req.header(header)?.trim();
  const known = ROLES.find((one) => one === role);
  if (!known) {
    throw new NarrowsError('token-missing', 'the proxy in front of this server names no role', {
      path: header,
      fix: `let the proxy set ${header} to one of ${ROLES.join(', ')}`,
    });
  }
  if (userHeader === null) return { id: 'proxy', name: null, role: known, expiresAt: null };
  const user = context.req.header(userHeader)?.trim() ?? '';
  if (user === '' || user.length > LONGEST_USER) {
    throw new NarrowsError('token-missing', 'the proxy in front of this server does not say who asks', {
      path: userHeader,
      fix: `let the proxy set ${userHeader} to 1 to ${LONGEST_USER} characters on every request`,
    });
  }
  return { id: `proxy:${user}`, name: user, role: known, expiresAt: null };
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}

function missingTokenError(): NarrowsError {
  return new NarrowsError('token-missing', 'this server asks for a token', {
    fix: 'send it as "Authorization: Bearer TOKEN", or sign in',
  });
}
