/** POST /api/plan: what a spec would train, or what is wrong with it, line by line. */
import { availableParallelism } from 'node:os';
import { createRoute, OpenAPIHono } from '@hono/zod-openapi';
import type { Database } from '../../../db/client.ts';
import { readSpec, withFaultLocations } from '../../../operations/specs.ts';
import { type CheckedSpec, checkSpecs } from '../../../operations/sweeps.ts';
import { type Plan, planSchema, specRequestSchema } from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../app.ts';
import { mutationErrors } from '../documented-responses.ts';

const planRoute = createRoute({
  method: 'post',
  path: '/api/plan',
  summary: 'What a spec would train; nothing is started',
  request: { body: { required: true, content: { 'application/json': { schema: specRequestSchema } } } },
  responses: {
    200: { description: 'One sweep per target.', content: { 'application/json': { schema: planSchema } } },
    ...mutationErrors,
  },
});

export function planRoutes({ db }: ServerDependencies): OpenAPIHono {
  const app = new OpenAPIHono();
  app.openapi(planRoute, async (context) => {
    const { spec, name } = context.req.valid('json');
    const checked = await checkSpecText(db, spec, name);
    const sweeps = checked.map(({ spec: one, dataset, plan }): Plan['sweeps'][number] => ({
      name: one.name,
      target: one.target,
      dataset,
      trials: plan.trials,
      packs: plan.packs,
      byMethod: plan.methods.map((method) => ({ ...method })),
      secondsEstimate: plan.estimatedSeconds,
    }));
    return context.json({ sweeps }, 200);
  });
  return app;
}

/** The sweeps that a spec's text asks for. Throws SpecFaulty. */
export function checkSpecText(db: Database, source: string, name: string | undefined): Promise<CheckedSpec[]> {
  return withFaultLocations(source, () => checkSpecs(db, readSpec(source, { name }), availableParallelism()));
}
