/** A count as people read it: `12,345`. */
export function count(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A limit; none is no limit. */
export function limit(value: number | null): string {
  return value === null ? 'unlimited' : count(value);
}

/** A day in the portal's own words, e.g. `November 21, 2026` (UTC: that is what Stripe's periods are in). */
export function day(millis: number): string {
  const format = { year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' } as const;
  return new Date(millis).toLocaleDateString('en-US', format);
}
