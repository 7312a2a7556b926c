/** Plans of specs: their trials and time, or their faults, and the same with other samplers. */
import { createRoute, type OpenAPIHono } from '@hono/zod-openapi';
import type { CheckedSpec } from '../../../operations/sweeps/check.ts';
import { describeBudgetPlan } from '../../../text/budget.ts';
import { SAMPLER_TEXTS } from '../../../text/samplers.ts';
import { describeWidthSearch } from '../../../text/widths.ts';
import { type Plan, planSchema, type SamplerOffers, samplersSchema, specRequestSchema } from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { callerKey } from '../middleware/caller-limits.ts';
import { jsonBody, jsonContent, mutationErrors } from '../route-definitions.ts';
import type { SpecChecks } from '../spec-checks.ts';

const planRoute = createRoute({
  method: 'post',
  path: '/api/plan',
  summary: 'Plan the sweeps of a spec without starting them',
  request: { body: jsonBody(specRequestSchema) },
  responses: { 200: jsonContent('One sweep per target.', planSchema), ...mutationErrors },
});

const samplersRoute = createRoute({
  method: 'post',
  path: '/api/plan/samplers',
  summary: 'Plan the sweeps of a spec with each sampler',
  request: { body: jsonBody(specRequestSchema) },
  responses: { 200: jsonContent("The spec's own sampler first.", samplersSchema), ...mutationErrors },
});

export function addPlanRoutes(
  app: OpenAPIHono,
  dependencies: ServerDependencies,
  { checkText, offerSamplers }: SpecChecks,
): void {
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
      widths: describeWidthSearch(spec.space),
      warnings: [...warnings],
      waiting,
    }));
    return context.json({ sweeps }, 200);
  });

  app.openapi(samplersRoute, async (context) => {
    const { spec: text, name } = context.req.valid('json');
    const offers = await offerSamplers(callerKey(context, dependencies), text, name);
    const samplers = offers.map(({ sampler, text: spec, checked }, i): SamplerOffers['samplers'][number] => ({
      sampler,
      text: SAMPLER_TEXTS[sampler],
      isCurrent: i === 0,
      plan: typeof checked === 'string' ? null : addUp(checked),
      problem: typeof checked === 'string' ? checked : null,
      spec,
    }));
    return context.json({ samplers }, 200);
  });
}

/** Returns the sums over the sweeps of a spec, which train one after another. */
const addUp = (checked: readonly CheckedSpec[]) => ({
  trials: checked.reduce((sum, { plan }) => sum + plan.trials, 0),
  seconds: checked.reduce((sum, { estimate }) => sum + estimate.seconds, 0),
  threadSeconds: checked.reduce((sum, { estimate }) => sum + estimate.threadSeconds, 0),
});
