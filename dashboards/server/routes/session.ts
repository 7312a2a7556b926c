/** The session: signing in and out. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { NarrowsError } from '../../../errors.ts';
import { endSession, startSession } from '../../../operations/sessions.ts';
import { type Session, sessionSchema, signInSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../dependencies.ts';
import {
  COOKIE,
  identifyPrincipal,
  needsToken,
  type Principal,
  principalOf,
  rateLimitKey,
  verifyToken,
} from '../middleware/auth.ts';
import { jsonBody, jsonContent, mutationErrors, readErrors } from '../route-definitions.ts';

const showRoute = createRoute({
  method: 'get',
  path: '/api/session',
  summary: 'Current session',
  responses: { 200: jsonContent('The role is null if nobody is signed in.', sessionSchema), ...readErrors },
});
const signInRoute = createRoute({
  method: 'post',
  path: '/api/session',
  summary: 'Sign in: starts a session, whose id is a cookie that scripts cannot read',
  request: { body: jsonBody(signInSchema) },
  responses: { 200: jsonContent('Signed in.', sessionSchema), ...mutationErrors },
});
const signOutRoute = createRoute({
  method: 'delete',
  path: '/api/session',
  summary: 'Sign out',
  responses: { 200: jsonContent('Signed out.', sessionSchema), ...mutationErrors },
});

export function addSessionRoutes(app: OpenAPIHono, dependencies: ServerDependencies): void {
  const { db, access } = dependencies;
  const respond = async (context: Context, principal: Principal | null) => {
    const { role = null, name = null, expiresAt } = principal ?? {};
    const session: Session = {
      role,
      name,
      needsToken: access.kind === 'proxy' || (await needsToken(access, context)),
      expiresAt: expiresAt?.toISOString() ?? null,
    };
    return context.json(session, 200, { 'cache-control': 'no-store' });
  };

  app.openapi(showRoute, async (context) => respond(context, await principalOrNull(dependencies, context)));

  app.openapi(signInRoute, async (context) => {
    if (!(await needsToken(access, context))) return respond(context, await principalOrNull(dependencies, context));
    const limitKey = rateLimitKey(context, 'sign-in', dependencies.isProxy);
    const { token } = context.req.valid('json');
    const row = await verifyToken(dependencies, token, limitKey);
    await endCurrent(context);
    const { id, expiresAt } = await startSession(db, row);
    // Without an expiry of the token, the cookie ends with the browser.
    setCookie(context, COOKIE, id, { ...cookieOptions(context), ...(row.expiresAt && { expires: expiresAt }) });
    return respond(context, principalOf({ ...row, expiresAt }));
  });

  app.openapi(signOutRoute, async (context) => {
    await endCurrent(context);
    deleteCookie(context, COOKIE, cookieOptions(context));
    // Without tokens there is no session to end.
    return respond(context, (await needsToken(access, context)) ? null : await principalOrNull(dependencies, context));
  });

  async function endCurrent(context: Context): Promise<void> {
    const id = (await needsToken(access, context)) ? getCookie(context, COOKIE) : undefined;
    if (id !== undefined) await endSession(db, id);
  }
}

/** Secure if the browser uses HTTPS; a proxy that terminates TLS says so in a header. */
function cookieOptions({ req }: Context) {
  const secure = new URL(req.url).protocol === 'https:' || req.header('x-forwarded-proto') === 'https';
  return { httpOnly: true, sameSite: 'Strict', secure, path: '/' } as const;
}

async function principalOrNull(dependencies: ServerDependencies, context: Context): Promise<Principal | null> {
  try {
    return await identifyPrincipal(dependencies, context);
  } catch (error) {
    if (error instanceof NarrowsError && (error.code.startsWith('token-') || error.code === 'too-many-attempts')) return null;
    throw error;
  }
}
