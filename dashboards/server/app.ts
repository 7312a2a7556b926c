/** The HTTP API as a function from requests to responses; the caller opens the socket. */
import { randomBytes } from 'node:crypto';
import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { COMPRESSIBLE_CONTENT_TYPE_REGEX, compress } from 'hono/compress';
import { describeIssue } from '../../search/schemas/issues.ts';
import { COLUMNS_TYPE } from '../contract/columns.ts';
import { serveAssets } from './assets.ts';
import type { ServerDependencies } from './dependencies.ts';
import { LIMITS } from './limits.ts';
import { authenticate, isReadRequest } from './middleware/auth.ts';
import { receiveBody } from './middleware/body.ts';
import { limitRequests, limitSignIns } from './middleware/caller-limits.ts';
import { requireHost } from './middleware/host.ts';
import { measureResponses } from './middleware/measure.ts';
import { requireMethod, requireSameOrigin, setSecurityHeaders } from './middleware/request-checks.ts';
import { traceResponses } from './middleware/trace.ts';
import { createMutations } from './mutations.ts';
import { openApiDocument } from './openapi.ts';
import { errorResponse, problemResponse } from './problem-response.ts';
import { createQueryContext } from './query-context.ts';
import { addChampionRoutes } from './routes/champions.ts';
import { addCompareRoutes } from './routes/compare.ts';
import { addDatasetRoutes } from './routes/datasets.ts';
import { addEventRoutes } from './routes/events.ts';
import { healthRoutes } from './routes/health.ts';
import { addInterpretationRoutes } from './routes/interpretation.ts';
import { addModelRoutes } from './routes/models.ts';
import { addPlanRoutes } from './routes/plan.ts';
import { addPushRoutes } from './routes/push.ts';
import { addRetrainingRoutes } from './routes/retraining.ts';
import { addRetrainingActionRoutes } from './routes/retraining-actions.ts';
import { addSearchRoutes } from './routes/search.ts';
import { addSessionRoutes } from './routes/session.ts';
import { addSweepActionRoutes } from './routes/sweep-actions.ts';
import { addSweepRoutes } from './routes/sweeps.ts';
import { addSystemRoutes } from './routes/system.ts';
import { addTrialRoutes } from './routes/trials.ts';
import { createSpecChecks } from './spec-checks.ts';

export function createApp(dependencies: ServerDependencies): OpenAPIHono {
  const { access, hosts, log, version, onResponse, traceRequest, limits = LIMITS } = dependencies;
  // Part of every ETag: another build may represent the same state differently.
  const build = randomBytes(4).toString('hex');
  const app = new OpenAPIHono({
    defaultHook: (result, context) => (result.success ? undefined : invalidRequest(context, result.target, result.error.issues)),
  });
  if (onResponse) app.use(measureResponses(onResponse));
  app.use(compress({ contentTypeFilter: (type) => type.startsWith(COLUMNS_TYPE) || COMPRESSIBLE_CONTENT_TYPE_REGEX.test(type) }));
  app.use(setSecurityHeaders());
  app.route('/', healthRoutes(dependencies.health));
  app.use(requireMethod(), requireHost(access, hosts), requireSameOrigin());
  app.use(async (context, next) => {
    context.set('build' as never, build as never);
    await next();
  });
  app.use('/api/session', limitSignIns(dependencies, limits), receiveBody({ ...limits, maxBytes: limits.signInBytes }));
  addSessionRoutes(app, dependencies);
  app.use('/api/*', authenticate(dependencies), limitRequests(dependencies, limits));
  // After the refusals: a caller without a token must not decide what is traced.
  if (traceRequest) app.use('/api/*', traceResponses(traceRequest));
  app.use('/api/*', receiveBody({ ...limits, maxBytes: limits.bodyBytes }));
  const query = createQueryContext(dependencies);
  addSweepRoutes(app, query);
  addSearchRoutes(app, query);
  addTrialRoutes(app, query);
  addDatasetRoutes(app, query);
  addInterpretationRoutes(app, query);
  addCompareRoutes(app, query);
  addRetrainingRoutes(app, query);
  addChampionRoutes(app, query);
  addModelRoutes(app, query);
  const specChecks = createSpecChecks(dependencies, limits);
  addPlanRoutes(app, dependencies, specChecks);
  addPushRoutes(app, dependencies);
  addEventRoutes(app, dependencies);
  addSystemRoutes(app, dependencies);
  const mutations = createMutations(dependencies);
  addSweepActionRoutes(app, dependencies, mutations, specChecks);
  addRetrainingActionRoutes(app, dependencies, mutations);
  app.get('/openapi.json', (context) => context.json(openApiDocument(app, version)));
  const serveAsset = serveAssets(dependencies.pages, log);
  app.notFound((context) => {
    const { path, method } = context.req;
    if (path === '/api' || path.startsWith('/api/') || !isReadRequest(method))
      return problemResponse(context, 404, {
        code: 'route-unknown',
        detail: `there is no ${method} ${path}`,
        fix: 'see /openapi.json',
      });
    return serveAsset(context);
  });
  app.onError((error, context) => errorResponse(context, error, log));
  return app;
}

/** Responds to a request that fails validation: path of the first issue, message of each. */
function invalidRequest(context: Context, target: string, issues: readonly z.core.$ZodIssue[]): Response {
  const errors = issues.map(describeIssue).map(({ path, message }) => ({ path: path.join('.') || target, message }));
  return problemResponse(context, 422, {
    code: target === 'json' ? 'request-invalid' : 'parameter-invalid',
    detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    path: errors[0]?.path,
    errors: errors.length > 1 ? errors : undefined,
  });
}
