/**
 * The driver of Postgres, in which what follows the loss of a connection is repaired as it is
 * loaded. In version 3.4.9 a lost connection within a transaction ends the process, or leaves a
 * statement behind whose place in the order of responses the next one takes, and a transaction
 * that goes on does so in whichever session its connection has by then (porsager/postgres, issues
 * 1066, 1154 and 1208). See docs/decisions/0041-driver-repairs.md. Others of the changes show what
 * metrics and traces need: statements as they are requested and sent, and the connections of the
 * pool.
 */
import { registerHooks } from 'node:module';

interface Repair {
  readonly from: string;
  readonly to: string;
}

const REPAIRS: Readonly<Record<string, readonly Repair[]>> = {
  'query.js': [
    {
      // In the context of the caller, which no later callback of the connection has.
      from: `
    !this.executed && (this.executed = true) && await 1 && this.handler(this)`,
      to: `
    !this.executed && (this.executed = true) && await (this.handler.onrequest ? (this.handler.onrequest(this), 1) : 1) && this.handler(this)`,
    },
  ],
  'connection.js': [
    {
      from: `
      q.state = backend
`,
      to: `
      q.state = backend
      options.onsend && !q.retried && options.onsend(q)
`,
    },
    {
      // A write that waits would hold back all writes of the next session. Statements without a
      // response are rejected also after an error: those that it led to are sent after it.
      from: `
    socket = null

    if (initial)
      return reconnect()

    !hadError && (query || sent.length) && error(`,
      to: `
    socket = null
    chunk = nextWriteTimer = null

    if (initial)
      return reconnect()

    const unanswered = query || sent.length
    unanswered && error(`,
    },
    {
      // The next session begins without the statement of this one.
      from: `
    closedTime = performance.now()`,
      to: `
    query = null
    closedTime = performance.now()`,
    },
    {
      from: `
    const x = socket.write(chunk, fn)`,
      to: `
    if (socket === null) {
      chunk = nextWriteTimer = null
      error(Errors.connection('CONNECTION_CLOSED', options, socket))
      return false
    }
    const x = socket.write(chunk, fn)`,
    },
  ],
  'index.js': [
    {
      from: `
    handler.debug = options.debug
`,
      to: `
    handler.debug = options.debug
    handler.onrequest = options.onrequest
`,
    },
    {
      from: `
    options,
    reserve,`,
      to: `
    options,
    pool: { ...queues, queries },
    reserve,`,
    },
    {
      from: `
      , connection
      , prepare = null`,
      to: `
      , connection
      , reservation
      , prepare = null`,
    },
    {
      from: `
      connection = c
      move(c, reserved)
      c.reserved = () =>`,
      to: `
      connection = c
      move(c, reserved)
      c.reserved = reservation = () =>`,
    },
    {
      // A connection that was lost or has been given back serves others.
      from: `
        q.catch(e => uncaughtError || (uncaughtError = e))
`,
      to: `
        q.catch(e => uncaughtError || (uncaughtError = e))
        if (c.reserved !== reservation)
          return q.reject(Errors.connection('CONNECTION_CLOSED', options))
`,
    },
  ],
};

const hooks = registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    const [, file = ''] = /\/node_modules\/postgres\/src\/([^/]+)$/.exec(url) ?? [];
    const repairs = REPAIRS[file];
    return repairs ? { ...loaded, source: repairs.reduce(repair, String(loaded.source)) } : loaded;
  },
});

function repair(source: string, { from, to }: Repair): string {
  if (source.split(from).length !== 2) throw new Error(`the driver of Postgres is not the one that is repaired here: no ${from}`);
  return source.replace(from, () => to);
}

export const { default: postgres } = await import('postgres');
hooks.deregister();
