/** What may be asked of a retraining's schedule, and the way back to the champion before. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { findRetraining } from '../../../db/queries/retraining/retrainings.ts';
import { pauseRetraining, resumeRetraining, rollBackFrom, triggerRetraining } from '../../../operations/retraining.ts';
import { championSchema, retrainingSchema } from '../../contract/retraining.ts';
import { formatChampion } from '../answers/retraining.ts';
import type { ServerDependencies } from '../app.ts';
import { mutationErrors } from '../documented-responses.ts';
import { type Mutations, optionalKey } from '../mutations.ts';
import { championParam } from './champions.ts';
import { loadRetrainings } from './retraining.ts';

const ACTS = {
  run: { work: triggerRetraining, summary: 'Fire now; during another run, once that has ended' },
  pause: { work: pauseRetraining, summary: 'Fire no more, until resumed; a run under way goes on' },
  resume: { work: resumeRetraining, summary: 'Fire again' },
} as const;
type Act = keyof typeof ACTS;

const actRoute = (act: Act) =>
  createRoute({
    method: 'post',
    path: `/api/retrainings/{retraining}/${act}`,
    summary: ACTS[act].summary,
    request: { params: z.object({ retraining: z.string().min(1) }), headers: optionalKey },
    responses: {
      200: {
        description: 'The retraining as it stands then.',
        content: { 'application/json': { schema: retrainingSchema } },
      },
      ...mutationErrors,
    },
  });

const rollBackRoute = createRoute({
  method: 'post',
  path: '/api/champions/{champion}/rollback',
  summary: 'Take a champion out of use: the one before takes its place',
  request: { params: championParam, headers: optionalKey },
  responses: {
    200: { description: 'The champion in use then.', content: { 'application/json': { schema: championSchema } } },
    ...mutationErrors,
  },
});

export function retrainingActionRoutes(
  parts: ServerDependencies,
  { respond: answered, withDeadline: bounded }: Mutations,
): OpenAPIHono {
  const { db, temporal } = parts;
  const servers = { db, temporal };
  const app = new OpenAPIHono();

  for (const act of Object.keys(ACTS) as Act[]) {
    app.openapi(actRoute(act), async (context) => {
      const row = await findRetraining(db.sql, context.req.valid('param').retraining);
      return answered(context, async () => {
        await bounded(() => ACTS[act].work(servers, row.name));
        const [answer] = await loadRetrainings(parts, [row]);
        return { status: 200, answer };
      });
    });
  }

  app.openapi(rollBackRoute, async (context) => {
    const { champion } = context.req.valid('param');
    return answered(context, async () => {
      // Nothing is changed while nobody could be told of it.
      await bounded(() => temporal.workflowService.getSystemInfo({}));
      return { status: 200, answer: formatChampion(await bounded(() => rollBackFrom(servers, champion))) };
    });
  });

  return app;
}
