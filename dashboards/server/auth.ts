/** Who asks, and whether they may. */
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Database } from '../../db/client.ts';
import { ROLES, type Role } from '../../db/words.ts';
import { NarrowsError } from '../../infra/errors.ts';
import { recogniseToken } from '../../operations/tokens.ts';
import { type Attempts, networkOf } from './attempts.ts';

/**
 * How requests are told apart. `open`: this machine alone can reach the server, and whoever uses it may do everything. `tokens`: a bearer token, or the cookie
 * that a browser got for one. `proxy`: a header that a trusted proxy sets to the role; only the proxy may reach the server.
 */
export type Access =
  | { readonly kind: 'open' }
  | { readonly kind: 'tokens' }
  | { readonly kind: 'proxy'; readonly header: string };

export interface Principal {
  /** Stable: what a key of a request belongs to. */
  readonly id: string;
  readonly name: string | null;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

export const COOKIE = 'narrows_session';

const LOCAL: Principal = { id: 'local', name: null, role: 'admin', expiresAt: null };

export interface AuthParts {
  readonly db: Database;
  readonly access: Access;
  readonly attempts: Attempts;
}

/** Throws NarrowsError `token-missing`, `token-wrong`, `token-expired`, `too-many-attempts`. */
export async function principalOf({ db, access, attempts }: AuthParts, context: Context): Promise<Principal> {
  switch (access.kind) {
    case 'open':
      return LOCAL;
    case 'proxy':
      return proxied(context.req.header(access.header), access.header);
    case 'tokens': {
      const bearer = bearerOf(context.req.header('authorization'));
      const token = bearer ?? getCookie(context, COOKIE);
      if (token === undefined || token === '') throw missing();
      return signedIn({ db, attempts }, token, attemptOf(context, bearer === undefined ? 'cookie' : 'bearer'));
    }
  }
}

/**
 * What failures are counted under. Each way has its own count: a browser whose session has ended asks again and again with its cookie, and its person may still
 * sign in.
 */
export const attemptOf = (context: Context, way: 'sign-in' | 'bearer' | 'cookie'): string =>
  `${way} ${networkOf(addressOf(context))}`;

/** Whom a token belongs to. Throws NarrowsError `token-wrong`, `token-expired`, `too-many-attempts`. */
export async function signedIn(
  { db, attempts }: Pick<AuthParts, 'db' | 'attempts'>,
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
  refuseTooMany(attempts, attempt);
  attempts.failed(attempt);
  throw new NarrowsError('token-wrong', 'the token is not known', { fix: 'check that it is whole, and not revoked' });
}

/** Throws `too-many-attempts`, whose `wait` is in seconds. */
export function refuseTooMany(attempts: Attempts, attempt: string): void {
  const wait = attempts.wait(attempt);
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

/** Sets `principal`. Reading takes the role `read`, everything else `submit`. */
export function authenticate(parts: AuthParts): MiddlewareHandler {
  return async (context, next) => {
    const principal = await principalOf(parts, context);
    requireRole(principal, isReading(context.req.method) ? 'read' : 'submit');
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

export const isReading = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** Of the connection; 'unknown' where a request came without one. */
function addressOf(context: Context): string {
  try {
    return getConnInfo(context).remote.address ?? 'unknown';
  } catch {
    return 'unknown';
  }
}

function proxied(role: string | undefined, header: string): Principal {
  const known = ROLES.find((one) => one === role?.trim());
  if (known) return { id: 'proxy', name: null, role: known, expiresAt: null };
  throw new NarrowsError('token-missing', 'the proxy in front of this server names no role', {
    path: header,
    fix: `let the proxy set ${header} to one of ${ROLES.join(', ')}`,
  });
}

function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
}

function missing(): NarrowsError {
  return new NarrowsError('token-missing', 'this server asks for a token', {
    fix: 'send it as "Authorization: Bearer TOKEN", or sign in',
  });
}
