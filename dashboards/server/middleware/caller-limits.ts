/** Limits the requests that a caller has at once, before their bodies are read. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import type { ServerDependencies } from '../dependencies.ts';
import type { Limits } from '../limits.ts';
import { currentPrincipal, isReadRequest, rateLimitKey, requireUnderLimit } from './auth.ts';
import { clientAddress, networkPrefix } from './peer.ts';
import { createQuota } from './quota.ts';

export const EVENTS_PATH = '/api/events';

/** Returns the caller that limits count by: the principal, or its address where many share one. */
export function callerKey(context: Context, { access, isProxy }: Pick<ServerDependencies, 'access' | 'isProxy'>): string {
  const { id } = currentPrincipal(context);
  const isShared = access.kind === 'proxy' && access.userHeader === null;
  return isShared ? `${id} ${networkPrefix(clientAddress(context, isProxy))}` : id;
}

/**
 * Counts a request until its response is sent, so that slow readers hold no more than their share.
 * Event streams have a limit of their own. Throws NarrowsError `too-many-requests`.
 */
export function limitRequests(dependencies: ServerDependencies, { requestsPerCaller }: Limits): MiddlewareHandler {
  const quota = createQuota({ code: 'too-many-requests', what: 'requests', perKey: requestsPerCaller, retrySeconds: 1 });
  return async (context, next) => {
    if (context.req.path === EVENTS_PATH) return next();
    const release = quota(callerKey(context, dependencies));
    const { outgoing } = context.env as Partial<HttpBindings>;
    outgoing?.once('close', release);
    try {
      await next();
    } finally {
      if (outgoing?.closed !== false) release();
    }
  };
}

/** Throws NarrowsError `too-many-attempts`, `too-many-requests`. */
export function limitSignIns({ isProxy, signInLimiter }: ServerDependencies, { signInsPerAddress }: Limits): MiddlewareHandler {
  const quota = createQuota({ code: 'too-many-requests', what: 'requests', perKey: signInsPerAddress, retrySeconds: 5 });
  return async (context, next) => {
    if (isReadRequest(context.req.method)) return next();
    const key = rateLimitKey(context, 'sign-in', isProxy);
    if (context.req.method === 'POST') requireUnderLimit(signInLimiter, key);
    const release = quota(key);
    try {
      await next();
    } finally {
      release();
    }
  };
}
