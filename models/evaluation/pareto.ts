/** Pareto ranks and hypervolumes of points all of whose coordinates are to be maximised. */

/** Finite coordinates, one for each objective. */
export type ObjectivePoint = readonly number[];

/** Whether `a` is at least as high as `b` in every coordinate, and higher in one. */
function dominates(a: ObjectivePoint, b: ObjectivePoint): boolean {
  let isHigher = false;
  for (let i = 0; i < a.length; i++) {
    const [value, other] = [a[i] as number, b[i] as number];
    if (value < other) return false;
    if (value > other) isHigher = true;
  }
  return isHigher;
}

/**
 * Returns the rank of each point by non-dominated sorting (Deb et al. 2002,
 * doi:10.1109/4235.996017): 1 for those that no other dominates, 2 for those that only points of
 * rank 1 dominate, and so on. Equal points have the same rank. Each point, in falling lexicographic
 * order, enters the first front with no member that dominates it, found by bisection (Zhang et al.
 * 2015, doi:10.1109/TEVC.2014.2308305). Where `enough` points are wanted, only the lowest ranks
 * that hold so many are found; the rank of a point beyond them may be 0.
 */
export function paretoRanks(points: readonly ObjectivePoint[], enough = points.length): Uint32Array {
  const ranks = new Uint32Array(points.length);
  const fronts: ObjectivePoint[][] = [];
  let held = 0;
  const order = [...points.keys()].sort((a, b) => compareFalling(points[a] as ObjectivePoint, points[b] as ObjectivePoint));
  for (const i of order) {
    const point = points[i] as ObjectivePoint;
    let [low, high] = [0, fronts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      // The member that came last is nearest in the order, and most likely to dominate.
      if (fronts[middle]?.findLast((member) => dominates(member, point))) low = middle + 1;
      else high = middle;
    }
    if (low === fronts.length && held >= enough) continue;
    if (low === fronts.length) fronts.push([]);
    fronts[low]?.push(point);
    ranks[i] = low + 1;
    held += 1;
    // A member of a front that is kept dominates what one beyond it would.
    while (held - (fronts.at(-1)?.length ?? 0) >= enough) held -= fronts.pop()?.length ?? 0;
  }
  return ranks;
}

/** Orders by the first coordinates that differ, the higher first. */
function compareFalling(a: ObjectivePoint, b: ObjectivePoint): number {
  const i = a.findIndex((value, at) => value !== b[at]);
  return i < 0 ? 0 : (b[i] as number) - (a[i] as number);
}

/**
 * Returns the volume that the boxes from the origin to each point cover together: the hypervolume
 * of points with two or three coordinates, in units of the distance from a reference point at the
 * origin (Zitzler and Thiele 1999, doi:10.1109/4235.797969). A point that is not above the
 * reference point in every coordinate adds nothing. Exact, by slices along the last coordinate.
 */
export function hypervolume(points: readonly ObjectivePoint[]): number {
  // An area is a volume of height 1.
  const boxes = points.map(([x = 0, y = 0, z = 1]) => ({ x, y, z })).filter(({ x, y, z }) => x > 0 && y > 0 && z > 0);
  let stairs: Stair[] = [];
  let volume = 0;
  for (const [i, box] of boxes.sort((a, b) => b.z - a.z).entries()) {
    if (!stairs.some(({ x, y }) => x >= box.x && y >= box.y)) {
      stairs = [...stairs.filter(({ x, y }) => x > box.x || y > box.y), box].sort((a, b) => b.x - a.x);
    }
    volume += areaBelow(stairs) * (box.z - (boxes[i + 1]?.z ?? 0));
  }
  return volume;
}

interface Stair {
  readonly x: number;
  readonly y: number;
}

/** Returns the area below stairs whose x falls while y rises. */
function areaBelow(stairs: readonly Stair[]): number {
  let [area, height] = [0, 0];
  for (const { x, y } of stairs) {
    area += x * (y - height);
    height = y;
  }
  return area;
}
