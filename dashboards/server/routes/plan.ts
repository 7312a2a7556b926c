/** POST /api/plan: what a spec would train, or its faults, line by line. */
import { availableParallelism } from 'node:os';
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { Database } from '../../../db/client.ts';
import { readSpec, withFaultLocations } from '../../../operations/specs.ts';
import { type CheckedSpec, checkSpecs } from '../../../operations/sweeps/check.ts';
import { type Plan, planSchema, specRequestSchema } from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { jsonContent, mutationErrors } from '../route-definitions.ts';

const planRoute = createRoute({
  method: 'post',
  path: '/api/plan',
  summary: 'Plan the sweeps of a spec without starting them',
  request: { body: { required: true, content: { 'application/json': { schema: specRequestSchema } } } },
  responses: { 200: jsonContent('One sweep per target.', planSchema), ...mutationErrors },
});

export function addPlanRoutes(app: OpenAPIHono, { db }: ServerDependencies): void {
  app.openapi(planRoute, async (context) => {
    const { spec: text, name } = context.req.valid('json');
    const checked = await checkSpecText(db, text, name);
    const sweeps = checked.map(({ spec, dataset, plan }): Plan['sweeps'][number] => ({
      name: spec.name,
      target: spec.target,
      dataset,
      trials: plan.trials,
      packs: plan.packs,
      byMethod: plan.methods.map((method) => ({ ...method })),
      secondsEstimate: plan.estimatedSeconds,
    }));
    return context.json({ sweeps }, 200);
  });
}

/** Returns the checked sweeps of a spec's text. Throws LocatedSpecError. */
export const checkSpecText = (db: Database, text: string, name: string | undefined): Promise<CheckedSpec[]> =>
  withFaultLocations(text, () => checkSpecs(db, readSpec(text, { name }), availableParallelism()));
