/** Actions on retrainings: trigger, pause, resume, roll back. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { findRetraining } from '../../../db/queries/retraining/retrainings.ts';
import { rollBackFrom } from '../../../operations/retraining/champions.ts';
import { pauseRetraining, resumeRetraining } from '../../../operations/retraining/retrainings.ts';
import { triggerRetraining } from '../../../operations/retraining/runs.ts';
import { championSchema, retrainingSchema } from '../../contract/retraining.ts';
import { formatChampion } from '../answers/retraining.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { type Mutations, optionalKey } from '../mutations.ts';
import { jsonContent, mutationErrors } from '../route-definitions.ts';
import { championParam } from './champions.ts';
import { loadRetrainings, nameParam } from './retraining.ts';

const ACTIONS = {
  run: { execute: triggerRetraining, summary: 'Trigger a run now, or after the current one' },
  pause: { execute: pauseRetraining, summary: 'Pause the schedule; a current run continues' },
  resume: { execute: resumeRetraining, summary: 'Resume the schedule' },
};

const rollBackRoute = createRoute({
  method: 'post',
  path: '/api/champions/{champion}/rollback',
  summary: 'Roll back to the previous champion',
  request: { params: championParam, headers: optionalKey },
  responses: { 200: jsonContent('The champion after the roll-back.', championSchema), ...mutationErrors },
});

export function addRetrainingActionRoutes(
  app: OpenAPIHono,
  dependencies: ServerDependencies,
  { respond, withDeadline }: Mutations,
): void {
  const { db, temporal } = dependencies;
  const servers = { db, temporal };
  for (const [action, { execute, summary }] of Object.entries(ACTIONS)) {
    const actionRoute = createRoute({
      method: 'post',
      path: `/api/retrainings/{retraining}/${action}`,
      summary,
      request: { params: nameParam, headers: optionalKey },
      responses: { 200: jsonContent('The retraining after the action.', retrainingSchema), ...mutationErrors },
    });
    app.openapi(actionRoute, async (context) => {
      const row = await findRetraining(db.sql, context.req.valid('param').retraining);
      return respond(context, async () => {
        await withDeadline(() => execute(servers, row.name));
        const [answer] = await loadRetrainings(dependencies, [row]);
        return { status: 200, answer };
      });
    });
  }

  app.openapi(rollBackRoute, async (context) => {
    const { champion } = context.req.valid('param');
    return respond(context, async () => {
      // Nothing changes while Temporal could not send the notifications.
      await withDeadline(() => temporal.workflowService.getSystemInfo({}));
      return { status: 200, answer: formatChampion(await withDeadline(() => rollBackFrom(servers, champion))) };
    });
  });
}
