/** Actions on sweeps: start, pause, resume, cancel, retry, extend. */
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweepStarter, saveStarter } from '../../../db/queries/api/idempotency-keys.ts';
import { findSweep, findSweepsById, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import type { CheckedSpec } from '../../../operations/sweeps/check.ts';
import { controlSweep, type SweepAction } from '../../../operations/sweeps/control.ts';
import { resumeStart, retrySweep, startSweep, sweepIdOf } from '../../../operations/sweeps/start.ts';
import { readSweep, type SweepStatus } from '../../../operations/sweeps/status.ts';
import { keySchema } from '../../contract/shared.ts';
import {
  extendRequestSchema,
  retryRequestSchema,
  type Started,
  specRequestSchema,
  startedSchema,
  sweepStatusSchema,
} from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../dependencies.ts';
import { currentPrincipal, type Principal, requireRole } from '../middleware/auth.ts';
import { callerKey } from '../middleware/caller-limits.ts';
import { type Mutations, optionalKey } from '../mutations.ts';
import { jsonBody, jsonContent, mutationErrors } from '../route-definitions.ts';
import type { SpecChecks } from '../spec-checks.ts';

/** Maximum time that a response waits for the sweep to change state. */
const STATE_CHANGE_MILLISECONDS = 5000;

const params = z.object({ sweep: keySchema.describe('Id or name.') });
const responses = { 200: jsonContent('The sweep after the action.', sweepStatusSchema), ...mutationErrors } as const;

const startRoute = createRoute({
  method: 'post',
  path: '/api/sweeps',
  summary: 'Start the sweeps of a spec, one per target',
  request: {
    // Optional in the schema, because its absence has an error code of its own.
    headers: optionalKey,
    body: jsonBody(specRequestSchema),
  },
  responses: { 201: jsonContent('The started sweeps.', startedSchema), ...mutationErrors },
});

const CONTROLS = {
  pause: 'Pause a sweep; running packs resume from their checkpoints later',
  resume: 'Resume a paused sweep',
  cancel: 'Cancel a sweep and keep its results. Sweeps of others: role admin',
} as const satisfies Record<SweepAction, string>;

const retryRoute = createRoute({
  method: 'post',
  path: '/api/sweeps/{sweep}/retry',
  summary: 'Retry trials that failed or never ran',
  request: {
    params,
    headers: optionalKey,
    body: { required: false, content: { 'application/json': { schema: retryRequestSchema } } },
  },
  responses,
});

const extendRoute = createRoute({
  method: 'post',
  path: '/api/sweeps/{sweep}/extend',
  summary: 'Start a larger sweep, whose trials that this one has are not trained again',
  request: {
    params,
    headers: optionalKey,
    body: jsonBody(extendRequestSchema),
  },
  responses: { 201: jsonContent('The started sweep.', startedSchema), ...mutationErrors },
});

const startedAnswer = (sweeps: readonly SweepStatus[]) => ({
  status: 201 as const,
  answer: { sweeps } satisfies { [Key in keyof Started]: unknown },
});

export function addSweepActionRoutes(
  app: OpenAPIHono,
  dependencies: ServerDependencies,
  { respond, withDeadline }: Mutations,
  { checkText, planExtension }: SpecChecks,
): void {
  const { db, temporal, version } = dependencies;
  const servers = { db, temporal };
  const runExclusively = createActionLock();

  app.openapi(startRoute, async (context) => {
    const { spec: text, name } = context.req.valid('json');
    const key = requireKey(context.req.valid('header')['idempotency-key']);
    const principal = currentPrincipal(context).id;
    const caller = callerKey(context, dependencies);
    return respond(context, async () => {
      const checked = await checkText(caller, text, name);
      return start(principal, checked, ({ spec }) => sweepIdOf(principal, key, text, spec.name, spec.target));
    });
  });

  app.openapi(extendRoute, async (context) => {
    const { sweep } = context.req.valid('param');
    const request = context.req.valid('json');
    const key = requireKey(context.req.valid('header')['idempotency-key']);
    const principal = currentPrincipal(context).id;
    const caller = callerKey(context, dependencies);
    const id = sweepIdOf(principal, key, sweep, JSON.stringify(request));
    return respond(context, async () => {
      // By now the name may be that of the extension, which an earlier attempt started.
      const [started] = await findSweepsById(db.sql, [id]);
      if (started === undefined) {
        const { checked } = await planExtension(caller, sweep, request);
        return start(principal, [checked], () => id);
      }
      await withDeadline(() => resumeStart(servers, id));
      return startedAnswer([await describeStarted(principal, id)]);
    });
  });

  /** Starts sweeps under ids that follow from the request, and responds with them. */
  async function start(principal: string, checked: readonly CheckedSpec[], idOf: (one: CheckedSpec) => string) {
    // Nothing is written while Temporal could not start it.
    await withDeadline(() => temporal.workflowService.getSystemInfo({}));
    const sweeps: SweepStatus[] = [];
    for (const one of checked) {
      const id = idOf(one);
      await withDeadline(() => startSweep(servers, one, version, id));
      sweeps.push(await describeStarted(principal, id));
    }
    return startedAnswer(sweeps);
  }

  /** Records who started a sweep, and returns its status. */
  async function describeStarted(principal: string, id: string): Promise<SweepStatus> {
    await saveStarter(db.sql, id, principal);
    return (await readSweep({ db, temporal: null }, id)).status;
  }

  for (const action of Object.keys(CONTROLS) as SweepAction[]) {
    const path = `/api/sweeps/{sweep}/${action}`;
    const request = { params, headers: optionalKey };
    app.openapi(createRoute({ method: 'post', path, summary: CONTROLS[action], request, responses }), async (context) => {
      const row = await findSweep(db.sql, context.req.valid('param').sweep);
      if (action === 'cancel') await requireCanceller(row, currentPrincipal(context));
      const control = () => withDeadline(() => controlSweep(servers, row.id, action, STATE_CHANGE_MILLISECONDS));
      return respond(context, () => runExclusively(row, action, async () => ({ status: 200, answer: await control() })));
    });
  }

  app.openapi(retryRoute, async (context) => {
    const row = await findSweep(db.sql, context.req.valid('param').sweep);
    const { failedOnly = false } = context.req.valid('json');
    return respond(context, () =>
      runExclusively(row, 'retry', async () => {
        // Read again: the row may have changed while this waited for an earlier request.
        const current = await findSweep(db.sql, row.id);
        if (!(await withDeadline(() => retrySweep(servers, current, failedOnly)))) {
          const details = { path: 'sweep', fix: 'start another sweep for other trials', kind: 'failure' } as const;
          throw new NarrowsError('nothing-to-retry', `${current.name} has no failed or missing trial`, details);
        }
        return { status: 200, answer: (await readSweep({ db, temporal: null }, row.id)).status };
      }),
    );
  });

  /** A sweep may be cancelled by the principal who started it over HTTP, and by an admin. */
  async function requireCanceller({ id }: SweepRow, principal: Principal): Promise<void> {
    if (principal.role !== 'admin' && (await findSweepStarter(db.sql, id)) !== principal.id) requireRole(principal, 'admin');
  }
}

/** Throws NarrowsError `idempotency-key-missing`. */
function requireKey(key: string | undefined): string {
  if (key !== undefined) return key;
  throw new NarrowsError('idempotency-key-missing', 'starting sweeps requires an idempotency key', {
    path: 'Idempotency-Key',
    fix: 'send a header "Idempotency-Key" with any text, and the same one to repeat the request',
  });
}

/** Returns a function that rejects an action on a sweep while another kind of action runs on it. */
function createActionLock() {
  const running = new Map<string, { readonly action: string; count: number }>();
  return async <T>({ id, name }: SweepRow, action: SweepAction | 'retry', execute: () => Promise<T>): Promise<T> => {
    const lock = running.get(id) ?? { action, count: 0 };
    if (lock.action !== action) {
      throw new NarrowsError('action-running', `another action on ${name} is running: ${lock.action}`, {
        path: 'sweep',
        fix: `check the state of the sweep, then ${action} it if still needed`,
        kind: 'failure',
      });
    }
    lock.count += 1;
    running.set(id, lock);
    try {
      return await execute();
    } finally {
      lock.count -= 1;
      if (lock.count === 0) running.delete(id);
    }
  };
}
