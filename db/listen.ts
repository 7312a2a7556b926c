/** Notifications of Postgres (LISTEN) over a connection that is made anew whenever it breaks. */
import { isPooled, type Sql } from './client.ts';
import { postgres } from './driver.ts';

/** Handlers of a notification's JSON, by channel. */
export type ChannelHandlers = Readonly<Record<string, (announced: never) => void>>;

/**
 * Listens on all channels over one connection of its own, and reconnects for as long as it is open.
 * Calls `onConnected` after every connection, because notifications sent before it are lost, and
 * `onPooled` where a pooler is in between, which may keep them.
 *
 * The driver's own `listen` is not used: with several channels, each failed attempt to reconnect
 * doubles the listeners.
 */
export function subscribe(
  sql: Sql,
  handlers: ChannelHandlers,
  onConnected: () => void = () => {},
  onPooled: () => void = () => {},
) {
  let open = true;
  const statement = Object.keys(handlers)
    .map((channel) => `listen ${channel}`)
    .join('; ');
  const options: object = {
    ...sql.options,
    max: 1,
    idle_timeout: undefined,
    max_lifetime: null,
    onnotify: (channel: string, payload: string) => {
      const announced = parse(payload);
      if (announced !== undefined) handlers[channel]?.(announced as never);
    },
    // Also called after an attempt that failed; the driver then waits for its back-off.
    onclose: () => {
      if (open) listen().catch(() => {});
    },
  };
  const connection = postgres(options);
  const listen = async () => {
    if (await isPooled(connection)) onPooled();
    await connection.unsafe(statement);
    if (open) onConnected();
  };
  return {
    /** Resolves with the first connection; rejects if it fails, while further attempts go on. */
    connected: listen(),
    async close(): Promise<void> {
      open = false;
      await connection.end({ timeout: 0 });
    },
  };
}

/** Undefined for text that is not JSON: another version announces differently. */
function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}
