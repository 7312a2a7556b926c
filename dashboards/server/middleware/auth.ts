/** Authentication and roles. */
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie } from 'hono/cookie';
import type { Database } from '../../../db/client.ts';
import { ROLES, type Role } from '../../../db/enums.ts';
import { NarrowsError } from '../../../errors.ts';
import { recogniseSession } from '../../../operations/sessions.ts';
import { type Recognised, recogniseToken, type TokenRow } from '../../../operations/tokens.ts';
import { findNameFault } from '../../../search/names.ts';
import { clientAddress, type IsOwner, type IsProxy, networkPrefix, peerAddress, socketOf } from './peer.ts';
import type { RateLimiter } from './rate-limit.ts';

/**
 * How requests are authenticated. `open`: the owner's not at all, those of other users of this
 * machine, which alone can reach the server, as with `tokens`.
 * `tokens`: by a bearer token, or by the cookie of a session that was started with one. `proxy`: by
 * a header that a trusted proxy sets to the role; `userHeader` names the user, null = one for all.
 */
export type Access =
  | { readonly kind: 'open'; readonly isOwner: IsOwner }
  | { readonly kind: 'tokens' }
  | { readonly kind: 'proxy'; readonly header: string; readonly userHeader: string | null };

export interface Principal {
  /** Stable: scopes idempotency keys. */
  readonly id: string;
  readonly name: string | null;
  readonly role: Role;
  readonly expiresAt: Date | null;
}

export const COOKIE = 'narrows_session';

const MAX_USER_LENGTH = 200;

const LOCAL: Principal = { id: 'local', name: null, role: 'admin', expiresAt: null };

interface TokenDependencies {
  readonly db: Database;
  readonly signInLimiter: RateLimiter;
}

export interface AuthDependencies extends TokenDependencies {
  readonly access: Access;
  readonly isProxy: IsProxy;
}

/**
 * Throws NarrowsError `token-missing`, `token-wrong`, `token-expired`, `too-many-attempts`,
 * `peer-refused`.
 */
export async function identifyPrincipal(dependencies: AuthDependencies, context: Context): Promise<Principal> {
  const { access, isProxy } = dependencies;
  if (access.kind === 'proxy') {
    requireProxy(context, isProxy);
    return proxyPrincipal(context, access.header, access.userHeader);
  }
  if (!(await needsToken(access, context))) return LOCAL;
  const bearer = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  if (bearer !== undefined) return principalOf(await verifyToken(dependencies, bearer, rateLimitKey(context, 'bearer', isProxy)));
  const cookie = getCookie(context, COOKIE);
  if (!cookie) throw tokenMissingError(access);
  const found = await recogniseSession(dependencies.db, cookie);
  return principalOf(requireValid(dependencies, found, rateLimitKey(context, 'cookie', isProxy)));
}

/** Whether this caller is authenticated by a token. */
export async function needsToken(access: Access, context: Context): Promise<boolean> {
  return access.kind === 'tokens' || (access.kind === 'open' && !(await access.isOwner(socketOf(context))));
}

function tokenMissingError({ kind }: Access): NarrowsError {
  const fix = 'send it as "Authorization: Bearer TOKEN", or sign in';
  if (kind === 'tokens') return new NarrowsError('token-missing', 'this server requires a token', { fix });
  return new NarrowsError('token-missing', 'this server requires a token from all but the user who started it', {
    fix: `ask that user for one ("narrows token create --name NAME --role read"); ${fix}`,
  });
}

/** Key of failures, one per way: a browser with an expired cookie must be able to sign in. */
export const rateLimitKey = (context: Context, way: 'sign-in' | 'bearer' | 'cookie', isProxy: IsProxy): string =>
  `${way} ${networkPrefix(clientAddress(context, isProxy))}`;

/** Throws NarrowsError `token-wrong`, `token-expired`, `too-many-attempts`. */
export async function verifyToken(dependencies: TokenDependencies, token: string, limitKey: string): Promise<TokenRow> {
  return requireValid(dependencies, await recogniseToken(dependencies.db, token), limitKey);
}

/** Counts an unknown token as a failed attempt. Throws as verifyToken. */
function requireValid({ signInLimiter }: TokenDependencies, found: Recognised, limitKey: string): TokenRow {
  if (found.kind === 'valid') return found.row;
  if (found.kind === 'expired')
    throw new NarrowsError('token-expired', 'the token has expired', { fix: 'request a new one: "narrows token create"' });
  if (found.kind === 'session-expired')
    throw new NarrowsError('token-expired', 'the session has expired', { fix: 'sign in again' });
  requireUnderLimit(signInLimiter, limitKey);
  signInLimiter.recordFailure(limitKey);
  throw new NarrowsError('token-wrong', 'the token is not valid', { fix: 'check that it is complete and not revoked' });
}

export const principalOf = ({ id, name, role, expiresAt }: TokenRow): Principal => ({ id: `token:${id}`, name, role, expiresAt });

/** Throws NarrowsError `too-many-attempts`, with the seconds to wait. */
export function requireUnderLimit(limiter: RateLimiter, key: string): void {
  const wait = limiter.retryAfterSeconds(key);
  if (wait === 0) return;
  const message = 'too many failed attempts to sign in from this address';
  throw Object.assign(new NarrowsError('too-many-attempts', message, { fix: `try again in ${wait} s` }), { wait });
}

/** Use POST because of the size of their input, but change nothing. */
const READ_ONLY_POSTS = /^POST \/api\/(plan(\/samplers)?|trials\/[^/]+\/(predict|encode))$/;

/** Sets `principal`. Reading requires the role `read`, everything else `submit`. */
export function authenticate(dependencies: AuthDependencies): MiddlewareHandler {
  return async (context, next) => {
    const principal = await identifyPrincipal(dependencies, context);
    const { method, path } = context.req;
    requireRole(principal, isReadRequest(method) || READ_ONLY_POSTS.test(`${method} ${path}`) ? 'read' : 'submit');
    context.set('principal', principal);
    await next();
  };
}

export const currentPrincipal = (context: Context): Principal => context.get('principal') as Principal;

/** Throws NarrowsError `role-too-small`. */
export function requireRole({ role }: Principal, needed: Role): void {
  if (ROLES.indexOf(role) >= ROLES.indexOf(needed)) return;
  throw new NarrowsError('role-too-small', `this requires the role "${needed}", and yours is "${role}"`, {
    fix: `use a token with the role ${needed}`,
  });
}

export const isReadRequest = (method: string): boolean => method === 'GET' || method === 'HEAD';

/** A client that reaches the port past the proxy could claim any role. */
function requireProxy(context: Context, isProxy: IsProxy): void {
  if (isProxy(peerAddress(context))) return;
  throw new NarrowsError('peer-refused', 'this server accepts requests through its proxy only', {
    fix: 'use the address of the proxy; "narrows serve --proxy-address" names where it runs',
  });
}

function proxyPrincipal(context: Context, header: string, userHeader: string | null): Principal {
  const name = context.req.header(header)?.trim();
  const role = ROLES.find((one) => one === name);
  if (!role) {
    throw new NarrowsError('token-missing', 'the proxy in front of this server sets no valid role', {
      path: header,
      fix: `make the proxy set ${header} to one of ${ROLES.join(', ')}`,
    });
  }
  if (userHeader === null) return { id: 'proxy', name: null, role, expiresAt: null };
  const user = context.req.header(userHeader)?.trim() ?? '';
  if (findNameFault(user, MAX_USER_LENGTH) !== null) {
    throw new NarrowsError('token-missing', 'the proxy in front of this server sets no valid user', {
      path: userHeader,
      fix: `make the proxy set ${userHeader} to 1 to ${MAX_USER_LENGTH} printable characters on every request`,
    });
  }
  return { id: `proxy:${user}`, name: user, role, expiresAt: null };
}
