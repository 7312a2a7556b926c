/** POST /api/plan: what a spec would train, or its faults, line by line. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import { describeBudgetPlan } from '../../../text/budget.ts';
import { type Plan, planSchema, specRequestSchema } from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { callerKey } from '../middleware/caller-limits.ts';
import { jsonContent, mutationErrors } from '../route-definitions.ts';
import type { SpecChecks } from '../spec-checks.ts';

const planRoute = createRoute({
  method: 'post',
  path: '/api/plan',
  summary: 'Plan the sweeps of a spec without starting them',
  request: { body: { required: true, content: { 'application/json': { schema: specRequestSchema } } } },
  responses: { 200: jsonContent('One sweep per target.', planSchema), ...mutationErrors },
});

export function addPlanRoutes(app: OpenAPIHono, dependencies: ServerDependencies, { checkText }: SpecChecks): void {
  app.openapi(planRoute, async (context) => {
    const { spec: text, name } = context.req.valid('json');
    const checked = await checkText(callerKey(context, dependencies), text, name);
    const sweeps = checked.map(({ spec, dataset, plan, estimate, budget, warnings, waiting }): Plan['sweeps'][number] => ({
      name: spec.name,
      target: spec.target,
      dataset,
      sampler: spec.sampler.kind,
      trials: plan.trials,
      packs: plan.packs,
      byMethod: plan.methods.map(({ method, trials }) => ({ method, trials })),
      secondsEstimate: estimate.seconds,
      estimate,
      budget: budget && { text: describeBudgetPlan(budget), methods: budget.methods },
      warnings: [...warnings],
      waiting,
    }));
    return context.json({ sweeps }, 200);
  });
}
