import { api } from '@sync300/shared';
import { vi } from 'vitest';

import { answer } from './files';

/** A request of a page's. */
export interface Asked {
  method: string;
  /** With the query. */
  path: string;
  body: Record<string, unknown> | undefined;
}

/** Each has an address of its own: what an earlier test has rendered still asks, and is not heard. */
let applications = 0;

/** Recorded answers by method and path; of several, each is given once, and the last from then on. */
export type Answers = Record<string, string | object | (string | object)[]>;

/** Instead of an answer. */
export const OUT_OF_REACH = {};

/**
 * The application as HubSpot's proxy shows it: it answers what was recorded of it, by name, and keeps what it was asked.
 * Without an answer it is out of reach, as the proxy says it: a status and no body.
 */
export function application(answers: Answers) {
  const address = `https://sync-${(applications += 1)}.example.com`;
  const asked: Asked[] = [];
  const left = Object.fromEntries(Object.entries(answers).map(([key, value]) => [key, [value].flat()]));
  const fetch = vi.fn((url: string, options: { method: string; body?: Record<string, unknown> }) => {
    if (!url.startsWith(`${address}/`)) {
      return Promise.reject(new Error(`${url} is not permitted`));
    }
    const path = url.slice(address.length);
    asked.push({ method: options.method, path, body: options.body });
    const queue = left[`${options.method} ${path.replace(/\?.*/, '')}`];
    const next = queue !== undefined && queue.length > 1 ? queue.shift() : queue?.[0];
    if (next === undefined || next === OUT_OF_REACH) {
      return Promise.resolve(new Response('{"status":"BAD_GATEWAY"}', { status: 502 }));
    }
    const body: unknown = typeof next === 'string' ? answer(next) : next;
    return Promise.resolve(new Response(JSON.stringify(body), { status: 200 }));
  });
  vi.stubGlobal('hsFetch', fetch);
  return { api: api({ PUBLIC_URL: address }), asked };
}

/** Lets time pass on vitest's clock, a second at a time, so that React does its own work in between as it does in life. */
export async function pass(millis: number): Promise<void> {
  for (let left = millis; left > 0; left -= 1_000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 1_000));
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  }
}
