/** For what has no events of its own. */
import { useEffect, useState } from 'preact/hooks';

/** Rises every `ms` while the tab is seen, and at once when it is seen again: to be handed to `useLoad` as its `version`. */
export function useInterval(ms: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const rise = () => {
      if (!document.hidden) setTick((before) => before + 1);
    };
    const timer = setInterval(rise, ms);
    document.addEventListener('visibilitychange', rise);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', rise);
    };
  }, [ms]);
  return tick;
}
