/** The session: signing in and out. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { NarrowsError } from '../../../errors.ts';
import { type Session, sessionSchema, signInSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { COOKIE, identifyPrincipal, type Principal, rateLimitKey, requireUnderLimit, verifyToken } from '../middleware/auth.ts';
import { jsonContent, mutationErrors, readErrors } from '../route-definitions.ts';

/** Browsers limit the life of a cookie to 400 days. */
const MAX_COOKIE_MILLISECONDS = 400 * 86_400_000;

const showRoute = createRoute({
  method: 'get',
  path: '/api/session',
  summary: 'Current session',
  responses: { 200: jsonContent('The role is null if nobody is signed in.', sessionSchema), ...readErrors },
});
const signInRoute = createRoute({
  method: 'post',
  path: '/api/session',
  summary: 'Sign in: stores the token in a cookie that scripts cannot read',
  request: { body: { required: true, content: { 'application/json': { schema: signInSchema } } } },
  responses: { 200: jsonContent('Signed in.', sessionSchema), ...mutationErrors },
});
const signOutRoute = createRoute({
  method: 'delete',
  path: '/api/session',
  summary: 'Sign out',
  responses: { 200: jsonContent('Signed out.', sessionSchema), ...mutationErrors },
});

export function addSessionRoutes(app: OpenAPIHono, dependencies: ServerDependencies): void {
  const { kind } = dependencies.access;
  const respond = (context: Context, principal: Principal | null) => {
    const { role = null, name = null, expiresAt } = principal ?? {};
    const session: Session = { role, name, needsToken: kind !== 'open', expiresAt: expiresAt?.toISOString() ?? null };
    return context.json(session, 200, { 'cache-control': 'no-store' });
  };

  app.openapi(showRoute, async (context) => respond(context, await principalOrNull(dependencies, context)));

  app.openapi(signInRoute, async (context) => {
    if (kind !== 'tokens') return respond(context, await principalOrNull(dependencies, context));
    const limitKey = rateLimitKey(context, 'sign-in', dependencies.isProxy);
    requireUnderLimit(dependencies.signInLimiter, limitKey);
    const { token } = context.req.valid('json');
    const principal = await verifyToken(dependencies, token, limitKey);
    const { expiresAt } = principal;
    setCookie(context, COOKIE, token, {
      ...cookieOptions(context),
      ...(expiresAt && { expires: new Date(Math.min(expiresAt.getTime(), Date.now() + MAX_COOKIE_MILLISECONDS)) }),
    });
    return respond(context, principal);
  });

  app.openapi(signOutRoute, async (context) => {
    deleteCookie(context, COOKIE, cookieOptions(context));
    // Without tokens there is no session to end.
    return respond(context, kind === 'tokens' ? null : await principalOrNull(dependencies, context));
  });
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
