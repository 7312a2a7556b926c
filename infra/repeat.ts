/** Does something at once, and then repeatedly, until the returned function is called. */
export function repeat(work: () => Promise<void>, intervalMs: number): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const turn = async () => {
    // An outage is reported by what needs the servers; the next turn comes.
    await work().catch(() => {});
    if (!isStopped) timer = setTimeout(turn, intervalMs);
  };
  void turn();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
