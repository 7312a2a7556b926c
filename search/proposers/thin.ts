/** Returns at most `count` of the values, evenly spaced. */
export const thin = <T>(values: readonly T[], count: number): readonly T[] =>
  values.length <= count ? values : Array.from({ length: count }, (_, i) => values[Math.floor((i * values.length) / count)] as T);
