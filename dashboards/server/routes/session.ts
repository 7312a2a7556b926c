/** Who is signed in; signing in and out. */
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { NarrowsError } from '../../../errors.ts';
import { type Session, sessionSchema, signInSchema } from '../../contract/system.ts';
import type { ServerDependencies } from '../app.ts';
import { mutationErrors, readErrors } from '../documented-responses.ts';
import { COOKIE, identifyPrincipal, type Principal, rateLimitKey, requireUnderLimit, verifyToken } from '../middleware/auth.ts';

const session = (description: string) => ({ description, content: { 'application/json': { schema: sessionSchema } } });

const showRoute = createRoute({
  method: 'get',
  path: '/api/session',
  summary: 'Who is signed in',
  responses: { 200: session('The role is null for whoever is not.'), ...readErrors },
});
const signInRoute = createRoute({
  method: 'post',
  path: '/api/session',
  summary: 'Sign in: the token becomes a cookie that no script can read',
  request: { body: { required: true, content: { 'application/json': { schema: signInSchema } } } },
  responses: { 200: session('Signed in.'), ...mutationErrors },
});
const signOutRoute = createRoute({
  method: 'delete',
  path: '/api/session',
  summary: 'Sign out',
  responses: { 200: session('Signed out.'), ...mutationErrors },
});

export function sessionRoutes(parts: ServerDependencies): OpenAPIHono {
  const app = new OpenAPIHono();
  const needsToken = parts.access.kind !== 'open';
  const answered = (context: Context, principal: Principal | null) => {
    context.header('cache-control', 'no-store');
    return context.json(sessionOf(principal, needsToken), 200);
  };

  app.openapi(showRoute, async (context) => answered(context, await ifSignedIn(parts, context)));

  app.openapi(signInRoute, async (context) => {
    if (parts.access.kind !== 'tokens') return answered(context, await ifSignedIn(parts, context));
    const attempt = rateLimitKey(context, 'sign-in');
    requireUnderLimit(parts.signInLimiter, attempt);
    const { token } = context.req.valid('json');
    const principal = await verifyToken(parts, token, attempt);
    setCookie(context, COOKIE, token, {
      httpOnly: true,
      sameSite: 'Strict',
      secure: isSecure(context),
      path: '/',
      // A browser keeps no cookie for longer.
      ...(principal.expiresAt && { expires: new Date(Math.min(principal.expiresAt.getTime(), Date.now() + 400 * 86_400_000)) }),
    });
    return answered(context, principal);
  });

  app.openapi(signOutRoute, (context) => {
    deleteCookie(context, COOKIE, { httpOnly: true, sameSite: 'Strict', secure: isSecure(context), path: '/' });
    // Where nobody signs in, nobody signs out either.
    return parts.access.kind === 'tokens'
      ? answered(context, null)
      : ifSignedIn(parts, context).then((principal) => answered(context, principal));
  });
  return app;
}

async function ifSignedIn(parts: ServerDependencies, context: Context): Promise<Principal | null> {
  try {
    return await identifyPrincipal(parts, context);
  } catch (error) {
    if (error instanceof NarrowsError && (error.code.startsWith('token-') || error.code === 'too-many-attempts')) return null;
    throw error;
  }
}

function sessionOf(principal: Principal | null, needsToken: boolean): Session {
  return {
    role: principal?.role ?? null,
    name: principal?.name ?? null,
    needsToken,
    expiresAt: principal?.expiresAt?.toISOString() ?? null,
  };
}

/** As the browser sees it: a proxy in front says so. */
function isSecure(context: Context): boolean {
  return new URL(context.req.url).protocol === 'https:' || context.req.header('x-forwarded-proto') === 'https';
}
