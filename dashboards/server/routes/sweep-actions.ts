/** What changes sweeps: start, pause, resume, cancel, retry. */
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { findSweepStarter, saveStarter } from '../../../db/queries/api/idempotency-keys.ts';
import { findSweep, type SweepRow } from '../../../db/queries/sweeps/sweeps.ts';
import { NarrowsError } from '../../../errors.ts';
import {
  controlSweep,
  readSweep,
  retrySweep,
  type SweepAction,
  type SweepStatus,
  startSweep,
  sweepIdOf,
} from '../../../operations/sweeps.ts';
import { retryRequestSchema, type Started, specRequestSchema, startedSchema, sweepStatusSchema } from '../../contract/sweeps.ts';
import type { ServerDependencies } from '../app.ts';
import { mutationErrors } from '../documented-responses.ts';
import { type Principal, requireRole } from '../middleware/auth.ts';
import { currentPrincipal, type Mutations, optionalKey } from '../mutations.ts';
import { checkSpecText } from './plan.ts';

/** How long an action waits for the sweep to follow; where it takes longer, its row tells later. */
const STEER_MILLISECONDS = 5000;

const params = z.object({ sweep: z.string().openapi({ description: 'Id or name.' }) });

const status = {
  200: { description: 'The sweep as it stands then.', content: { 'application/json': { schema: sweepStatusSchema } } },
  ...mutationErrors,
} as const;

const startRoute = createRoute({
  method: 'post',
  path: '/api/sweeps',
  summary: 'Start the sweeps of a spec, one per target',
  request: {
    // Optional here, because its absence is told in words of its own.
    headers: optionalKey,
    body: { required: true, content: { 'application/json': { schema: specRequestSchema } } },
  },
  responses: {
    201: { description: 'They run.', content: { 'application/json': { schema: startedSchema } } },
    ...mutationErrors,
  },
});

const steerRoute = <Act extends SweepAction>(act: Act, summary: string) =>
  createRoute({
    method: 'post',
    path: `/api/sweeps/{sweep}/${act}`,
    summary,
    request: { params, headers: optionalKey },
    responses: status,
  });

const STEERINGS = [
  steerRoute('pause', 'Pause a sweep; packs under way go on from their checkpoints later'),
  steerRoute('resume', 'Resume a paused sweep'),
  steerRoute('cancel', 'Cancel a sweep; what has ended is kept. Of sweeps that others started: role admin'),
] as const;
const ACTS = ['pause', 'resume', 'cancel'] as const;

const retryRoute = createRoute({
  method: 'post',
  path: '/api/sweeps/{sweep}/retry',
  summary: 'Train again what failed, and what never ran',
  request: {
    params,
    headers: optionalKey,
    body: { required: false, content: { 'application/json': { schema: retryRequestSchema } } },
  },
  responses: status,
});

export function actionRoutes(parts: ServerDependencies, { respond: answered, withDeadline: bounded }: Mutations): OpenAPIHono {
  const { db, temporal, version } = parts;
  const servers = { db, temporal };
  const app = new OpenAPIHono();
  const underWay = createTurns();

  app.openapi(startRoute, async (context) => {
    const { spec: source, name } = context.req.valid('json');
    const key = context.req.valid('header')['idempotency-key'];
    if (key === undefined) throw keyMissing();
    const principal = currentPrincipal(context).id;
    return answered(context, async () => {
      const checked = await checkSpecText(db, source, name);
      // Nothing is written while nobody could take it up.
      await bounded(() => temporal.workflowService.getSystemInfo({}));
      const sweeps: SweepStatus[] = [];
      for (const one of checked) {
        const id = sweepIdOf(principal, key, source, one.spec.name, one.spec.target);
        await bounded(() => startSweep(servers, one, version, id));
        await saveStarter(db.sql, id, principal);
        sweeps.push((await readSweep({ db, temporal: null }, id)).status);
      }
      return { status: 201, answer: { sweeps } satisfies { [Key in keyof Started]: unknown } };
    });
  });

  STEERINGS.forEach((route, i) => {
    const act = ACTS[i] as SweepAction;
    app.openapi(route, async (context) => {
      const row = await findSweep(db.sql, context.req.valid('param').sweep);
      if (act === 'cancel') await requireCanceller(row, currentPrincipal(context));
      return answered(context, () =>
        underWay(row, act, async () => ({
          status: 200,
          answer: await bounded(() => controlSweep(servers, row.id, act, STEER_MILLISECONDS)),
        })),
      );
    });
  });

  app.openapi(retryRoute, async (context) => {
    const row = await findSweep(db.sql, context.req.valid('param').sweep);
    const { failedOnly = false } = context.req.valid('json');
    return answered(context, () =>
      underWay(row, 'retry', async () => {
        // The row as it is now that it is this one's turn.
        const now = await findSweep(db.sql, row.id);
        if (now.state === 'completed') throw nothingToRetry(now.name);
        await bounded(() => retrySweep(servers, now, failedOnly));
        return { status: 200, answer: (await readSweep({ db, temporal: null }, row.id)).status };
      }),
    );
  });

  /** Who started a sweep over HTTP may cancel it; an admin may cancel any. */
  async function requireCanceller({ id }: SweepRow, principal: Principal): Promise<void> {
    if (principal.role !== 'admin' && (await findSweepStarter(db.sql, id)) !== principal.id) requireRole(principal, 'admin');
  }

  return app;
}

/** One action at a time on a sweep: what would come in between another is refused; the same one is done beside. */
function createTurns() {
  const busy = new Map<string, { readonly act: string; count: number }>();
  return async <T>({ id, name }: SweepRow, act: SweepAction | 'retry', work: () => Promise<T>): Promise<T> => {
    const turn = busy.get(id) ?? { act, count: 0 };
    if (turn.act !== act) {
      throw new NarrowsError('action-running', `${name} is asked to ${turn.act} at this moment`, {
        path: 'sweep',
        fix: `look how it stands then, and ${act} it if that is still wanted`,
        kind: 'failure',
      });
    }
    turn.count += 1;
    busy.set(id, turn);
    try {
      return await work();
    } finally {
      turn.count -= 1;
      if (turn.count === 0) busy.delete(id);
    }
  };
}

function keyMissing(): NarrowsError {
  return new NarrowsError('idempotency-key-missing', 'what starts sweeps needs a key, so that it starts them once', {
    path: 'Idempotency-Key',
    fix: 'send a header "Idempotency-Key" with any text of your own, the same one when you send the request again',
  });
}

function nothingToRetry(name: string): NarrowsError {
  return new NarrowsError('nothing-to-retry', `every trial of ${name} has ended well`, {
    path: 'sweep',
    fix: 'start another sweep for other trials',
    kind: 'failure',
  });
}
