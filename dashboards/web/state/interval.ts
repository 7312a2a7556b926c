/** Polling for resources without events. */
import { useEffect, useState } from 'preact/hooks';

/** Returns a `version` that rises every `milliseconds` (null: never) while the tab is visible. */
export function useInterval(milliseconds: number | null): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    if (milliseconds === null) return;
    const rise = () => {
      if (!document.hidden) setTick((before) => before + 1);
    };
    const timer = setInterval(rise, milliseconds);
    document.addEventListener('visibilitychange', rise);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', rise);
    };
  }, [milliseconds]);
  return tick;
}
